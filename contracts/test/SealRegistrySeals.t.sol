// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISealRegistry} from "../interfaces/ISealRegistry.sol";
import {Fixture} from "./Fixture.sol";
import {vm} from "./Vm.sol";

abstract contract SealFixture is Fixture {
    bytes32 internal constant HANDLE = keccak256("certificate");
    uint64 internal constant NOT_BEFORE = START - 1 hours;
    uint64 internal constant NOT_AFTER = START + 1095 days;

    function _register(bytes32 handle, uint64 notBefore, uint64 notAfter) internal {
        bytes32[] memory handles = new bytes32[](1);
        (uint64[] memory begins, uint64[] memory ends) = (new uint64[](1), new uint64[](1));
        (handles[0], begins[0], ends[0]) = (handle, notBefore, notAfter);
        vm.prank(OPERATOR);
        registry.registerSeals(ISSUER, handles, begins, ends);
    }

    function _suspend(address sender) internal {
        vm.prank(sender);
        registry.suspend(HANDLE, ISealRegistry.Reason.Loss);
    }

    function _resume(address sender) internal {
        vm.prank(sender);
        registry.resume(HANDLE, ISealRegistry.Reason.None);
    }

    function _revoke(address sender) internal {
        vm.prank(sender);
        registry.revoke(HANDLE, ISealRegistry.Reason.KeyCompromise);
    }

    function _assertNow(ISealRegistry.Status status, ISealRegistry.Reason reason, uint64 since) internal view {
        _assertAt(uint64(block.timestamp), status, reason, since);
    }

    function _assertAt(uint64 time, ISealRegistry.Status status, ISealRegistry.Reason reason, uint64 since)
        internal
        view
    {
        (ISealRegistry.Status gotStatus, ISealRegistry.Reason gotReason, uint64 gotSince) =
            registry.statusAt(HANDLE, time);
        vm.assertEq(uint256(gotStatus), uint256(status));
        vm.assertEq(uint256(gotReason), uint256(reason));
        vm.assertEq(gotSince, since);
    }
}

contract SealRegistryRegisterSealsTest is SealFixture {
    bytes32[] private _handles;
    uint64[] private _begins;
    uint64[] private _ends;

    function setUp() public override {
        super.setUp();
        for (uint64 i = 0; i < 3; ++i) {
            _handles.push(keccak256(abi.encode(i)));
            _begins.push(START + i);
            _ends.push(START + i + 1095 days);
        }
    }

    function test_registers() public {
        for (uint256 i = 0; i < 3; ++i) {
            vm.expectEmit();
            emit ISealRegistry.SealRegistered(_handles[i], ISSUER, _begins[i], _ends[i]);
        }
        _submit(OPERATOR);
        for (uint256 i = 0; i < 3; ++i) {
            (bytes32 issuer, uint64 notBefore, uint64 notAfter, uint64 registeredAt) = registry.sealOf(_handles[i]);
            vm.assertEq(issuer, ISSUER);
            vm.assertEq(notBefore, _begins[i]);
            vm.assertEq(notAfter, _ends[i]);
            vm.assertEq(registeredAt, START);
        }
    }

    function test_unknownSealIsAllZero() public view {
        (bytes32 issuer, uint64 notBefore, uint64 notAfter, uint64 registeredAt) = registry.sealOf(HANDLE);
        vm.assertEq(issuer, 0);
        vm.assertEq(notBefore + notAfter + registeredAt, 0);
    }

    function test_refusesNone() public {
        (_handles, _begins, _ends) = (new bytes32[](0), new uint64[](0), new uint64[](0));
        vm.expectRevert(abi.encodeWithSelector(ISealRegistry.NoSeals.selector));
        _submit(OPERATOR);
    }

    function test_refusesLengthMismatch() public {
        _begins.pop();
        vm.expectRevert(abi.encodeWithSelector(ISealRegistry.LengthMismatch.selector, 3, 2, 3));
        _submit(OPERATOR);
        _handles.pop();
        vm.expectRevert(abi.encodeWithSelector(ISealRegistry.LengthMismatch.selector, 2, 2, 3));
        _submit(OPERATOR);
    }

    function test_refusesValidityThatEndsBeforeItBegins() public {
        _ends[1] = _begins[1] - 1;
        vm.expectRevert(
            abi.encodeWithSelector(ISealRegistry.InvalidValidity.selector, _handles[1], _begins[1], _ends[1])
        );
        _submit(OPERATOR);
        (,,, uint64 registeredAt) = registry.sealOf(_handles[0]);
        vm.assertEq(registeredAt, 0);
    }

    function test_refusesHandleOnRecord() public {
        _submit(OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(ISealRegistry.SealAlreadyRegistered.selector, _handles[0]));
        _submit(OPERATOR);
    }

    function test_refusesHandleTwiceInOneBatch() public {
        _handles[2] = _handles[0];
        vm.expectRevert(abi.encodeWithSelector(ISealRegistry.SealAlreadyRegistered.selector, _handles[0]));
        _submit(OPERATOR);
    }

    function test_refusesHandleOfAnotherIssuer() public {
        _submit(OPERATOR);
        bytes32 other = keccak256("other issuer");
        vm.prank(ADMIN);
        registry.admitIssuer(other, STRANGER);
        vm.expectRevert(abi.encodeWithSelector(ISealRegistry.SealAlreadyRegistered.selector, _handles[0]));
        vm.prank(STRANGER);
        registry.registerSeals(other, _handles, _begins, _ends);
    }

    function testFuzz_refusesAllButOperators(address sender) public {
        vm.assume(sender != OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(ISealRegistry.NotOperator.selector, ISSUER, sender));
        _submit(sender);
    }

    function test_refusesRetiredIssuer() public {
        vm.prank(ADMIN);
        registry.retireIssuer(ISSUER);
        vm.expectRevert(abi.encodeWithSelector(ISealRegistry.NotOperator.selector, ISSUER, OPERATOR));
        _submit(OPERATOR);
    }

    function _submit(address sender) private {
        vm.prank(sender);
        registry.registerSeals(ISSUER, _handles, _begins, _ends);
    }
}

contract SealRegistryStatusChangeTest is SealFixture {
    function setUp() public override {
        super.setUp();
        _register(HANDLE, NOT_BEFORE, NOT_AFTER);
        vm.warp(START + 10);
    }

    function test_suspend() public {
        vm.expectEmit();
        emit ISealRegistry.SealStatusChanged(HANDLE, ISealRegistry.Status.Suspended, ISealRegistry.Reason.Loss);
        _suspend(OPERATOR);
        _assertNow(ISealRegistry.Status.Suspended, ISealRegistry.Reason.Loss, START + 10);
    }

    function test_resume() public {
        _suspend(OPERATOR);
        vm.warp(START + 20);
        vm.expectEmit();
        emit ISealRegistry.SealStatusChanged(HANDLE, ISealRegistry.Status.Active, ISealRegistry.Reason.None);
        _resume(OPERATOR);
        _assertNow(ISealRegistry.Status.Active, ISealRegistry.Reason.None, START + 20);
    }

    function test_revoke() public {
        vm.expectEmit();
        emit ISealRegistry.SealStatusChanged(HANDLE, ISealRegistry.Status.Revoked, ISealRegistry.Reason.KeyCompromise);
        _revoke(OPERATOR);
        _assertNow(ISealRegistry.Status.Revoked, ISealRegistry.Reason.KeyCompromise, START + 10);
    }

    function test_revokeSuspended() public {
        _suspend(REGULATOR);
        _revoke(OPERATOR);
        _assertNow(ISealRegistry.Status.Revoked, ISealRegistry.Reason.KeyCompromise, START + 10);
    }

    function test_regulatorChangesEverySeal() public {
        _suspend(REGULATOR);
        _assertNow(ISealRegistry.Status.Suspended, ISealRegistry.Reason.Loss, START + 10);
        _resume(REGULATOR);
        _assertNow(ISealRegistry.Status.Active, ISealRegistry.Reason.None, START + 10);
        vm.prank(ADMIN);
        registry.retireIssuer(ISSUER);
        _revoke(REGULATOR);
        _assertNow(ISealRegistry.Status.Revoked, ISealRegistry.Reason.KeyCompromise, START + 10);
    }

    function test_regulatorLiftsSuspensionByIssuer() public {
        _suspend(OPERATOR);
        _resume(REGULATOR);
        _assertNow(ISealRegistry.Status.Active, ISealRegistry.Reason.None, START + 10);
    }

    function test_issuerCannotLiftSuspensionByRegulator() public {
        _suspend(REGULATOR);
        vm.expectRevert(abi.encodeWithSelector(ISealRegistry.SuspendedByRegulator.selector, HANDLE));
        _resume(OPERATOR);
        _resume(REGULATOR);
    }

    function test_regulatorTakesOverSuspensionByIssuer() public {
        _suspend(OPERATOR);
        vm.warp(START + 20);
        vm.prank(REGULATOR);
        registry.suspend(HANDLE, ISealRegistry.Reason.ByOrder);
        _assertNow(ISealRegistry.Status.Suspended, ISealRegistry.Reason.ByOrder, START + 20);
        vm.expectRevert(abi.encodeWithSelector(ISealRegistry.SuspendedByRegulator.selector, HANDLE));
        _resume(OPERATOR);
    }

    function test_refusesSuspendedAgain() public {
        _suspend(OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(ISealRegistry.SealAlreadySuspended.selector, HANDLE));
        _suspend(OPERATOR);
        _suspend(REGULATOR);
        vm.expectRevert(abi.encodeWithSelector(ISealRegistry.SealAlreadySuspended.selector, HANDLE));
        _suspend(REGULATOR);
        vm.expectRevert(abi.encodeWithSelector(ISealRegistry.SealAlreadySuspended.selector, HANDLE));
        _suspend(OPERATOR);
    }

    function test_refusesResumeOfActive() public {
        vm.expectRevert(abi.encodeWithSelector(ISealRegistry.SealNotSuspended.selector, HANDLE));
        _resume(OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(ISealRegistry.SealNotSuspended.selector, HANDLE));
        _resume(REGULATOR);
    }

    function test_revokedIsFinal() public {
        _revoke(OPERATOR);
        bytes memory revoked = abi.encodeWithSelector(ISealRegistry.SealIsRevoked.selector, HANDLE);
        address[2] memory senders = [OPERATOR, REGULATOR];
        for (uint256 i = 0; i < senders.length; ++i) {
            vm.expectRevert(revoked);
            _suspend(senders[i]);
            vm.expectRevert(revoked);
            _resume(senders[i]);
            vm.expectRevert(revoked);
            _revoke(senders[i]);
        }
    }

    function test_revokeRefusesNoReason() public {
        vm.expectRevert(abi.encodeWithSelector(ISealRegistry.ReasonRequired.selector));
        vm.prank(OPERATOR);
        registry.revoke(HANDLE, ISealRegistry.Reason.None);
    }

    function testFuzz_refusesAllOthers(address sender) public {
        vm.assume(sender != OPERATOR && sender != REGULATOR);
        _refusesAll(
            sender, HANDLE, abi.encodeWithSelector(ISealRegistry.NotOperatorOrRegulator.selector, ISSUER, sender)
        );
    }

    function test_refusesOperatorOfAnotherIssuer() public {
        vm.prank(ADMIN);
        registry.admitIssuer(keccak256("other issuer"), STRANGER);
        testFuzz_refusesAllOthers(STRANGER);
    }

    function test_refusesOperatorOfRetiredIssuer() public {
        vm.prank(ADMIN);
        registry.retireIssuer(ISSUER);
        _refusesAll(
            OPERATOR, HANDLE, abi.encodeWithSelector(ISealRegistry.NotOperatorOrRegulator.selector, ISSUER, OPERATOR)
        );
    }

    function testFuzz_refusesUnknownSeal(bytes32 handle) public {
        vm.assume(handle != HANDLE);
        _refusesAll(REGULATOR, handle, abi.encodeWithSelector(ISealRegistry.UnknownSeal.selector, handle));
    }

    function _refusesAll(address sender, bytes32 handle, bytes memory reason) private {
        vm.expectRevert(reason);
        vm.prank(sender);
        registry.suspend(handle, ISealRegistry.Reason.Loss);
        vm.expectRevert(reason);
        vm.prank(sender);
        registry.resume(handle, ISealRegistry.Reason.None);
        vm.expectRevert(reason);
        vm.prank(sender);
        registry.revoke(handle, ISealRegistry.Reason.Loss);
    }
}
