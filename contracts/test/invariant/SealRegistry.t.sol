// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISealRegistry} from "../../interfaces/ISealRegistry.sol";
import {vm} from "../Vm.sol";
import {PermissionChecks} from "./Permissions.sol";
import {SealActions} from "./SealActions.sol";

contract SealRegistryInvariantTest is PermissionChecks {
    SealActions private _people;

    function setUp() public {
        vm.warp(1_800_000_000);
        _people = new SealActions();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_people);
    }

    function invariant_revokedStaysRevoked() public view {
        for (uint256 i = 0; i < _people.HANDLES(); ++i) {
            bytes32 handle = _people.handle(i);
            SealActions.Seal memory seal = _people.sealOf(handle);
            if (seal.status != ISealRegistry.Status.Revoked) continue;
            bytes32 revoked = keccak256(abi.encode(seal.status, seal.reason, seal.since));
            vm.assertEq(_people.answerDigest(handle, seal.since), revoked);
            vm.assertEq(_people.answerDigest(handle, uint64(block.timestamp)), revoked);
            vm.assertEq(_people.answerDigest(handle, type(uint64).max), revoked);
        }
    }

    function invariant_answersAboutThePastStay() public view {
        SealActions.Answer[] memory answers = _people.answers();
        for (uint256 i = 0; i < answers.length; ++i) {
            vm.assertEq(_people.answerDigest(answers[i].handle, answers[i].time), answers[i].digest);
        }
    }

    /// Only those who may change a seal's status do, and each change says who, why and when.
    function invariant_statusIsWhatWasDecided() public view {
        uint64 time = uint64(block.timestamp);
        for (uint256 i = 0; i < _people.HANDLES(); ++i) {
            bytes32 handle = _people.handle(i);
            SealActions.Seal memory seal = _people.sealOf(handle);
            (ISealRegistry.Status status, ISealRegistry.Reason reason, uint64 since) =
                _people.registry().statusAt(handle, time);
            vm.assertEq(uint256(status), uint256(_expected(seal, time)));
            if (status == seal.status) {
                vm.assertEq(uint256(reason), uint256(seal.reason));
                bool waited = status != ISealRegistry.Status.Revoked && seal.since < seal.notBefore;
                vm.assertEq(since, waited ? seal.notBefore : seal.since);
            }
            (bytes32 issuer, uint64 notBefore, uint64 notAfter, uint64 registeredAt) = _people.registry().sealOf(handle);
            vm.assertEq(issuer, seal.issuer);
            vm.assertEq(notBefore, seal.notBefore);
            vm.assertEq(notAfter, seal.notAfter);
            vm.assertEq(registeredAt, seal.registeredAt);
        }
    }

    function invariant_rolesComeFromTheAdmin() public view {
        _checkPermissions(_people);
    }

    function invariant_retiredAndForbiddenDoNothing() public view {
        _checkRetired(_people);
        vm.assertEq(_people.trespasses(), 0);
    }

    function _expected(SealActions.Seal memory seal, uint64 time) private pure returns (ISealRegistry.Status) {
        if (seal.registeredAt == 0) return ISealRegistry.Status.Unknown;
        if (seal.status == ISealRegistry.Status.Revoked) return seal.status;
        if (time < seal.notBefore) return ISealRegistry.Status.NotYetValid;
        if (time > seal.notAfter) return ISealRegistry.Status.Expired;
        return seal.status;
    }
}
