// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {vm} from "../Vm.sol";
import {LogActions} from "./LogActions.sol";
import {PermissionChecks} from "./Permissions.sol";

contract UsageLedgerInvariantTest is PermissionChecks {
    LogActions private _people;

    function setUp() public {
        vm.warp(1_800_000_000);
        _people = new LogActions();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_people);
    }

    /// One campaign for all: with a fixed seed, each further one would play the very same acts.
    function invariant_everythingHolds() public view {
        _aLogNeverShrinksButByDisowning();
        _everyHeadExtendsTheOneBefore();
        _headsInForceAreTheAcceptedOnes();
        _acceptedHeadsStayOnRecord();
        _retiredAndForbiddenDoNothing();
        _anIssuerHasOneLogForEver();
        _rolesComeFromTheAdmin();
    }

    /// The head is the last one accepted and not disowned, and every disowning began an epoch for all to see.
    function _aLogNeverShrinksButByDisowning() private view {
        for (uint256 log = 0; log < _people.LOGS(); ++log) {
            LogActions.Head[] memory heads = _people.heads(log);
            for (uint256 i = 1; i < heads.length; ++i) {
                vm.assertTrue(heads[i].size > heads[i - 1].size, "shrunk");
            }
            (uint64 size, bytes32 root) = _people.ledger().head(_people.logId(log));
            vm.assertEq(size, heads.length == 0 ? 0 : heads[heads.length - 1].size);
            vm.assertEq(root, heads.length == 0 ? sha256("") : heads[heads.length - 1].root);
            uint64[] memory bases = _people.ledger().epochsOf(_people.logId(log));
            uint64[] memory expected = _people.bases(log);
            vm.assertEq(keccak256(abi.encode(bases)), keccak256(abi.encode(expected)));
        }
    }

    /// Every head is that of the log's own leaves, in their order: so each one extends all in force before it.
    function _everyHeadExtendsTheOneBefore() private view {
        for (uint256 log = 0; log < _people.LOGS(); ++log) {
            (uint64 size, bytes32 root) = _people.ledger().head(_people.logId(log));
            vm.assertEq(root, _people.tree(log).root(size));
        }
    }

    /// No size has a root in force but those of the heads in force.
    function _headsInForceAreTheAcceptedOnes() private view {
        for (uint256 log = 0; log < _people.LOGS(); ++log) {
            bytes32 logId = _people.logId(log);
            LogActions.Head[] memory heads = _people.heads(log);
            uint64 size = 0;
            for (uint256 i = 0; i < heads.length; ++i) {
                for (; size < heads[i].size; ++size) {
                    vm.assertEq(_people.ledger().rootAt(logId, size), 0);
                }
                vm.assertEq(_people.ledger().rootAt(logId, size++), heads[i].root);
            }
            for (uint256 i = 0; i < 40; ++i) {
                vm.assertEq(_people.ledger().rootAt(logId, size++), 0);
            }
        }
    }

    /// A head once accepted is on record for good, disowned or not.
    function _acceptedHeadsStayOnRecord() private view {
        for (uint256 log = 0; log < _people.LOGS(); ++log) {
            LogActions.Head[] memory accepted = _people.accepted(log);
            for (uint256 i = 0; i < accepted.length; ++i) {
                bytes32 root = _people.ledger().rootIn(_people.logId(log), accepted[i].epoch, accepted[i].size);
                vm.assertEq(root, accepted[i].root);
            }
        }
    }

    function _retiredAndForbiddenDoNothing() private view {
        _checkRetired(_people);
        vm.assertEq(_people.trespasses(), 0);
        for (uint256 log = 0; log < _people.LOGS(); ++log) {
            if (!_people.isRetired(_people.issuer(log))) continue;
            vm.assertEq(_people.accepted(log).length, _people.acceptedAtRetirement(log));
        }
    }

    function _anIssuerHasOneLogForEver() private view {
        for (uint256 log = 0; log < _people.LOGS(); ++log) {
            bytes32 logId = _people.logId(log);
            vm.assertEq(_people.ledger().logIdOf(_people.issuer(log)), logId);
            (bytes32 issuer, bytes32 publicKey,) = _people.ledger().logOf(logId);
            vm.assertEq(issuer, _people.issuer(log));
            (uint64[] memory sizes, bytes32[] memory keys) = _people.ledger().keysOf(logId);
            (uint64[] memory expectedSizes, bytes32[] memory expectedKeys) = _people.keysOf(log);
            vm.assertEq(keccak256(abi.encode(sizes, keys)), keccak256(abi.encode(expectedSizes, expectedKeys)));
            vm.assertEq(publicKey, keys[keys.length - 1]);
        }
    }

    function _rolesComeFromTheAdmin() private view {
        _checkPermissions(_people);
    }
}
