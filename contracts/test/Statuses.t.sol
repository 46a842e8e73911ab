// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IStatuses} from "../interfaces/IStatuses.sol";
import {Fixture} from "./Fixture.sol";
import {vm} from "./Vm.sol";

abstract contract StatusFixture is Fixture {
    uint8 internal constant OWNER_FLAG = 1;
    uint8 internal constant ISSUER_FLAG = 2;
    uint8 internal constant REGULATOR_FLAG = 4;

    function _suspend(address sender) internal {
        vm.prank(sender);
        registry.suspend(HANDLE, IStatuses.Reason.Loss);
    }

    function _resume(address sender) internal {
        vm.prank(sender);
        registry.resume(HANDLE, IStatuses.Reason.None);
    }

    function _revoke(address sender) internal {
        vm.prank(sender);
        registry.revoke(HANDLE, IStatuses.Reason.KeyCompromise);
    }

    function _assertNow(IStatuses.Status status, IStatuses.Reason reason, uint64 since, uint8 flags) internal view {
        _assertAt(uint64(block.timestamp), status, reason, since, flags);
    }

    function _assertAt(uint64 time, IStatuses.Status status, IStatuses.Reason reason, uint64 since, uint8 flags)
        internal
        view
    {
        (IStatuses.Status gotStatus, IStatuses.Reason gotReason, uint64 gotSince, uint8 gotFlags) =
            registry.statusAt(HANDLE, time);
        vm.assertEq(uint256(gotStatus), uint256(status));
        vm.assertEq(uint256(gotReason), uint256(reason));
        vm.assertEq(gotSince, since);
        vm.assertEq(gotFlags, flags);
    }
}

contract StatusChangeTest is StatusFixture {
    function setUp() public override {
        super.setUp();
        _register();
        vm.warp(START + 10);
    }

    function test_suspend() public {
        vm.expectEmit();
        emit IStatuses.SealStatusChanged(
            SUBJECT, HANDLE, IStatuses.Status.Suspended, IStatuses.Reason.Loss, ISSUER_FLAG
        );
        _suspend(OPERATOR);
        _assertNow(IStatuses.Status.Suspended, IStatuses.Reason.Loss, START + 10, ISSUER_FLAG);
    }

    function test_resume() public {
        _suspend(REGULATOR);
        vm.warp(START + 20);
        vm.expectEmit();
        emit IStatuses.SealStatusChanged(SUBJECT, HANDLE, IStatuses.Status.Active, IStatuses.Reason.None, 0);
        _resume(REGULATOR);
        _assertNow(IStatuses.Status.Active, IStatuses.Reason.None, START + 20, 0);
    }

    function test_revoke() public {
        _suspend(REGULATOR);
        vm.warp(START + 20);
        vm.expectEmit();
        emit IStatuses.SealStatusChanged(
            SUBJECT, HANDLE, IStatuses.Status.Revoked, IStatuses.Reason.KeyCompromise, REGULATOR_FLAG
        );
        _revoke(OPERATOR);
        _assertNow(IStatuses.Status.Revoked, IStatuses.Reason.KeyCompromise, START + 20, REGULATOR_FLAG);
    }

    /// A seal is active only once nobody stops it, and what it says meanwhile is when and why it was stopped first.
    function test_stopsAreIndependent() public {
        _suspend(OPERATOR);
        vm.warp(START + 20);
        vm.expectEmit();
        emit IStatuses.SealStatusChanged(SUBJECT, HANDLE, IStatuses.Status.Suspended, IStatuses.Reason.ByOrder, 6);
        vm.prank(REGULATOR);
        registry.suspend(HANDLE, IStatuses.Reason.ByOrder);
        _assertNow(IStatuses.Status.Suspended, IStatuses.Reason.Loss, START + 10, 6);
        vm.warp(START + 30);
        _resume(OPERATOR);
        _assertNow(IStatuses.Status.Suspended, IStatuses.Reason.Loss, START + 10, REGULATOR_FLAG);
        vm.warp(START + 40);
        _resume(REGULATOR);
        _assertNow(IStatuses.Status.Active, IStatuses.Reason.None, START + 40, 0);
        _assertAt(START + 29, IStatuses.Status.Suspended, IStatuses.Reason.Loss, START + 10, 6);
    }

    function test_nobodyLiftsAnothersStop() public {
        _suspend(REGULATOR);
        vm.expectRevert(abi.encodeWithSelector(IStatuses.NotStopped.selector, HANDLE, ISSUER_FLAG));
        _resume(OPERATOR);
        _resume(REGULATOR);
        _suspend(OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(IStatuses.NotStopped.selector, HANDLE, REGULATOR_FLAG));
        _resume(REGULATOR);
        _resume(OPERATOR);
        _assertNow(IStatuses.Status.Active, IStatuses.Reason.None, START + 10, 0);
    }

    function test_whoIsBothActsAsRegulator() public {
        bytes32 role = registry.REGULATOR_ROLE();
        vm.prank(ADMIN);
        registry.grantRole(role, OPERATOR);
        _suspend(OPERATOR);
        _assertNow(IStatuses.Status.Suspended, IStatuses.Reason.Loss, START + 10, REGULATOR_FLAG);
        vm.prank(ADMIN);
        registry.revokeRole(role, OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(IStatuses.NotStopped.selector, HANDLE, ISSUER_FLAG));
        _resume(OPERATOR);
    }

    function test_refusesStoppingAgain() public {
        address[2] memory senders = [OPERATOR, REGULATOR];
        for (uint256 i = 0; i < 2; ++i) {
            uint8 flag = i == 0 ? ISSUER_FLAG : REGULATOR_FLAG;
            _suspend(senders[i]);
            vm.expectRevert(abi.encodeWithSelector(IStatuses.AlreadyStopped.selector, HANDLE, flag));
            _suspend(senders[i]);
        }
    }

    function test_refusesResumeOfActive() public {
        vm.expectRevert(abi.encodeWithSelector(IStatuses.NotStopped.selector, HANDLE, ISSUER_FLAG));
        _resume(OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(IStatuses.NotStopped.selector, HANDLE, REGULATOR_FLAG));
        _resume(REGULATOR);
    }

    function test_revokedIsFinal() public {
        _revoke(OPERATOR);
        bytes memory revoked = abi.encodeWithSelector(IStatuses.SealIsRevoked.selector, HANDLE);
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
        vm.expectRevert(abi.encodeWithSelector(IStatuses.ReasonRequired.selector));
        vm.prank(OPERATOR);
        registry.revoke(HANDLE, IStatuses.Reason.None);
        _assertNow(IStatuses.Status.Active, IStatuses.Reason.None, START, 0);
    }

    function testFuzz_refusesAllOthers(address sender) public {
        vm.assume(sender != OPERATOR && sender != REGULATOR);
        _refusesAll(sender, HANDLE, abi.encodeWithSelector(IStatuses.NotOperatorOrRegulator.selector, ISSUER, sender));
    }

    function test_refusesOperatorOfAnotherIssuer() public {
        _admitOther();
        testFuzz_refusesAllOthers(STRANGER);
    }

    function test_refusesOperatorOfRetiredIssuer() public {
        _retire();
        _refusesAll(
            OPERATOR, HANDLE, abi.encodeWithSelector(IStatuses.NotOperatorOrRegulator.selector, ISSUER, OPERATOR)
        );
        _revoke(REGULATOR);
    }

    function testFuzz_refusesUnknownSeal(bytes32 handle) public {
        vm.assume(handle != HANDLE);
        _refusesAll(REGULATOR, handle, abi.encodeWithSelector(IStatuses.UnknownSeal.selector, handle));
    }

    function _refusesAll(address sender, bytes32 handle, bytes memory reason) private {
        vm.expectRevert(reason);
        vm.prank(sender);
        registry.suspend(handle, IStatuses.Reason.Loss);
        vm.expectRevert(reason);
        vm.prank(sender);
        registry.resume(handle, IStatuses.Reason.None);
        vm.expectRevert(reason);
        vm.prank(sender);
        registry.revoke(handle, IStatuses.Reason.Loss);
    }
}
