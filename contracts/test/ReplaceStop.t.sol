// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IOwnerStop} from "../interfaces/IOwnerStop.sol";
import {IStatuses} from "../interfaces/IStatuses.sol";
import {StopFixture} from "./OwnerStop.t.sol";
import {vm} from "./Vm.sol";

contract ReplaceStopTest is StopFixture {
    bytes32 private constant THIEF_END = keccak256("end of a thief's chain");

    bytes32[] private _first;
    bytes32 private _newEnd;
    bytes32 private _code;

    function setUp() public override {
        super.setUp();
        (_first, _code) = (codes, codes[0]);
        _newEnd = _chain(block.chainid, address(registry), HANDLE, OTHER_SEED);
    }

    function test_replaces() public {
        _announce(_code, _newEnd);
        vm.assertEq(registry.stopAnnouncedAt(HANDLE, sha256(abi.encodePacked(HANDLE, _code, _newEnd))), block.timestamp);
        vm.warp(block.timestamp + 1 hours);
        vm.expectEmit();
        emit IOwnerStop.StopSet(SUBJECT, HANDLE, _newEnd);
        _replace(_newEnd);
        _assertFlags(0, _newEnd);
        _stop(codes[0]);
        _assertFlags(1, codes[0]);
    }

    function test_keepsTheOwnersStop() public {
        _stop(_code);
        _code = _first[1];
        _announce(_code, _newEnd);
        vm.warp(block.timestamp + 1 hours);
        _replace(_newEnd);
        _assertFlags(1, _newEnd);
        _wrong();
        _resume(_first[1]);
        _resume(codes[0]);
        _assertFlags(0, codes[0]);
    }

    function test_refusesUnannouncedAndTooEarly() public {
        _notAnnounced(_newEnd);
        _announce(_code, _newEnd);
        _notAnnounced(_newEnd);
        vm.warp(block.timestamp + 1 hours - 1);
        _notAnnounced(_newEnd);
        vm.warp(block.timestamp + 1);
        _replace(_newEnd);
    }

    /// Who sees the code on its way announces an end of his own; the owner's call is there first.
    function test_aFrontRunnerCannotPutInHisOwn() public {
        _announce(_code, _newEnd);
        vm.warp(block.timestamp + 1 hours);
        _announce(_code, THIEF_END);
        _notAnnounced(THIEF_END);
        vm.warp(block.timestamp + 1 hours - 1);
        _notAnnounced(THIEF_END);
        _replace(_newEnd);
        vm.warp(block.timestamp + 1);
        _wrong();
        _replace(THIEF_END);
        _assertFlags(0, _newEnd);
    }

    /// Nor can he use the code of a stop: whatever he does with it within the hour stops the seal.
    function test_aFrontRunnerOfAStopCanOnlyStop() public {
        _announce(_code, THIEF_END);
        _notAnnounced(THIEF_END);
        _stop(_code);
        vm.warp(block.timestamp + 1 hours);
        _wrong();
        _replace(THIEF_END);
        _assertFlags(1, _code);
    }

    /// Repeating an announcement does not delay it, and other announcements do not push it out.
    function test_nobodyDelaysAnAnnouncement() public {
        _announce(_code, _newEnd);
        vm.warp(block.timestamp + 1 hours);
        _announce(_code, _newEnd);
        registry.announceStop(HANDLE, keccak256("another commitment"));
        _replace(_newEnd);
    }

    function test_anAnnouncementCountsForItsSealCodeAndEndOnly() public {
        bytes32 second = SECOND_HANDLE;
        _register(_seal(SECOND_CERTIFICATE));
        registry.announceStop(second, sha256(abi.encodePacked(HANDLE, _code, _newEnd)));
        registry.announceStop(HANDLE, sha256(abi.encodePacked(second, _code, _newEnd)));
        registry.announceStop(HANDLE, sha256(abi.encodePacked(HANDLE, end, _newEnd)));
        registry.announceStop(HANDLE, sha256(abi.encodePacked(HANDLE, _code, THIEF_END)));
        vm.warp(block.timestamp + 1 hours);
        _notAnnounced(_newEnd);
    }

    function test_refusesWrongCodeAndZero() public {
        _wrongAnnounced(SEED);
        _wrongAnnounced(end);
        _announce(_code, 0);
        vm.warp(block.timestamp + 1 hours);
        vm.expectRevert(abi.encodeWithSelector(IOwnerStop.ZeroStopHash.selector, HANDLE));
        _replace(0);
        _assertFlags(0, end);
    }

    function test_refusesUnknownAndRevoked() public {
        _announce(_code, _newEnd);
        vm.warp(block.timestamp + 1 hours);
        vm.expectRevert(abi.encodeWithSelector(IStatuses.UnknownSeal.selector, SUBJECT));
        registry.announceStop(SUBJECT, ROOT);
        vm.expectRevert(abi.encodeWithSelector(IStatuses.UnknownSeal.selector, SUBJECT));
        registry.replaceStop(SUBJECT, _code, _newEnd);
        vm.prank(REGULATOR);
        registry.revoke(HANDLE, IStatuses.Reason.ByOrder);
        vm.expectRevert(abi.encodeWithSelector(IStatuses.SealIsRevoked.selector, HANDLE));
        registry.announceStop(HANDLE, ROOT);
        vm.expectRevert(abi.encodeWithSelector(IStatuses.SealIsRevoked.selector, HANDLE));
        _replace(_newEnd);
    }

    function _wrongAnnounced(bytes32 code) private {
        _announce(code, _newEnd);
        vm.warp(block.timestamp + 1 hours);
        _wrong();
        registry.replaceStop(HANDLE, code, _newEnd);
    }

    function _notAnnounced(bytes32 newEnd) private {
        vm.expectRevert(abi.encodeWithSelector(IOwnerStop.StopNotAnnounced.selector, HANDLE));
        _replace(newEnd);
    }

    function _replace(bytes32 newEnd) private {
        vm.prank(STRANGER);
        registry.replaceStop(HANDLE, _code, newEnd);
    }
}
