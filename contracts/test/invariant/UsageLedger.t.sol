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

    function invariant_aLogNeverShrinks() public view {
        for (uint256 log = 0; log < _people.LOGS(); ++log) {
            LogActions.Head[] memory heads = _people.heads(log);
            for (uint256 i = 1; i < heads.length; ++i) {
                vm.assertTrue(heads[i].size > heads[i - 1].size, "shrunk");
            }
            (uint64 size,) = _people.ledger().head(_people.logId(log));
            vm.assertEq(size, heads.length == 0 ? 0 : heads[heads.length - 1].size);
        }
    }

    /// Every head is that of the log's own leaves, in their order: so each one extends all before it.
    function invariant_everyHeadExtendsTheOneBefore() public view {
        for (uint256 log = 0; log < _people.LOGS(); ++log) {
            (uint64 size, bytes32 root) = _people.ledger().head(_people.logId(log));
            vm.assertEq(root, _people.tree(log).root(size));
        }
    }

    /// A head once accepted is there for good, and no other sizes have one.
    function invariant_acceptedHeadsStay() public view {
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
            vm.assertEq(_people.ledger().rootAt(logId, size), 0);
        }
    }

    function invariant_retiredAndForbiddenDoNothing() public view {
        _checkRetired(_people);
        vm.assertEq(_people.trespasses(), 0);
        for (uint256 log = 0; log < _people.LOGS(); ++log) {
            if (!_people.isRetired(_people.issuer(log))) continue;
            vm.assertEq(_people.heads(log).length, _people.headsAtRetirement(log));
        }
    }

    function invariant_logsStayWithTheirIssuer() public view {
        for (uint256 log = 0; log < _people.LOGS(); ++log) {
            (bytes32 issuer, bytes32 publicKey) = _people.ledger().logOf(_people.logId(log));
            vm.assertEq(issuer, _people.issuer(log));
            vm.assertEq(publicKey, bytes32(log + 1));
        }
    }

    function invariant_rolesComeFromTheAdmin() public view {
        _checkPermissions(_people);
    }
}
