// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISealRegistry} from "../interfaces/ISealRegistry.sol";
import {SealFixture} from "./SealRegistrySeals.t.sol";
import {vm} from "./Vm.sol";

contract SealRegistryStatusAtTest is SealFixture {
    function test_unknown() public view {
        _assertNow(ISealRegistry.Status.Unknown, ISealRegistry.Reason.None, 0);
    }

    function test_unknownBeforeRegistration() public {
        _register(HANDLE, NOT_BEFORE, NOT_AFTER);
        _assertAt(START - 1, ISealRegistry.Status.Unknown, ISealRegistry.Reason.None, 0);
        _assertAt(START, ISealRegistry.Status.Active, ISealRegistry.Reason.None, START);
    }

    function test_validity() public {
        _register(HANDLE, START + 100, START + 200);
        _assertAt(START + 99, ISealRegistry.Status.NotYetValid, ISealRegistry.Reason.None, START);
        _assertAt(START + 100, ISealRegistry.Status.Active, ISealRegistry.Reason.None, START + 100);
        _assertAt(START + 200, ISealRegistry.Status.Active, ISealRegistry.Reason.None, START + 100);
        _assertAt(START + 201, ISealRegistry.Status.Expired, ISealRegistry.Reason.None, START + 201);
        _assertAt(type(uint64).max, ISealRegistry.Status.Expired, ISealRegistry.Reason.None, START + 201);
    }

    function test_registeredAfterExpiry() public {
        _register(HANDLE, START - 200, START - 100);
        _assertNow(ISealRegistry.Status.Expired, ISealRegistry.Reason.None, START);
    }

    function test_neverExpires() public {
        _register(HANDLE, 0, type(uint64).max);
        _assertAt(type(uint64).max, ISealRegistry.Status.Active, ISealRegistry.Reason.None, START);
    }

    function test_revokedOutranksExpired() public {
        _register(HANDLE, START, START + 10);
        vm.warp(START + 20);
        _revoke(OPERATOR);
        _assertAt(START + 19, ISealRegistry.Status.Expired, ISealRegistry.Reason.None, START + 11);
        _assertAt(START + 20, ISealRegistry.Status.Revoked, ISealRegistry.Reason.KeyCompromise, START + 20);
    }

    function test_revokedOutranksNotYetValid() public {
        _register(HANDLE, START + 10, START + 20);
        _revoke(OPERATOR);
        _assertNow(ISealRegistry.Status.Revoked, ISealRegistry.Reason.KeyCompromise, START);
    }

    function test_validityOutranksSuspended() public {
        _register(HANDLE, START + 10, START + 20);
        _suspend(OPERATOR);
        _assertAt(START + 9, ISealRegistry.Status.NotYetValid, ISealRegistry.Reason.None, START);
        _assertAt(START + 10, ISealRegistry.Status.Suspended, ISealRegistry.Reason.Loss, START + 10);
        _assertAt(START + 21, ISealRegistry.Status.Expired, ISealRegistry.Reason.None, START + 21);
    }

    function test_lastChangeOfASecondCounts() public {
        _register(HANDLE, NOT_BEFORE, NOT_AFTER);
        _suspend(OPERATOR);
        _resume(OPERATOR);
        _suspend(OPERATOR);
        _assertNow(ISealRegistry.Status.Suspended, ISealRegistry.Reason.Loss, START);
        _revoke(OPERATOR);
        _assertNow(ISealRegistry.Status.Revoked, ISealRegistry.Reason.KeyCompromise, START);
    }
}

/// @dev Random histories, against a model that keeps every change in a list and searches it from the start.
contract SealRegistryHistoryTest is SealFixture {
    struct Entry {
        uint64 time;
        ISealRegistry.Status status;
        ISealRegistry.Reason reason;
        bool byRegulator;
    }

    Entry[] private _model;
    uint64 private _begin;
    uint64 private _end;

    /// Each number is one attempt: who, what, why, and how many seconds after the one before.
    function testFuzz_history(uint32[24] memory attempts, uint16 begin, uint16 length) public {
        _begin = START + begin % 100;
        _end = _begin + length % 400;
        _register(HANDLE, _begin, _end);
        _model.push(Entry(START, ISealRegistry.Status.Active, ISealRegistry.Reason.None, false));
        for (uint256 i = 0; i < attempts.length; ++i) {
            // Revocation ends a history, so it waits for the last part.
            _attempt(attempts[i], i < 18 ? 2 : 3);
        }
        uint64 last = uint64(block.timestamp) + 2;
        for (uint64 time = START - 2; time <= last; ++time) {
            _compare(time);
        }
        _compare(_end);
        _compare(_end + 1);
    }

    function _attempt(uint32 random, uint256 operations) private {
        vm.warp(block.timestamp + (random >> 24) % 16);
        bool byRegulator = random & 1 == 1;
        uint256 operation = (random >> 1) % 128 % operations;
        ISealRegistry.Reason reason = ISealRegistry.Reason((random >> 8) % 11);
        bool done = _call(byRegulator ? REGULATOR : OPERATOR, operation, reason);
        vm.assertEq(done, _allowed(operation, reason, byRegulator));
        if (!done) return;
        ISealRegistry.Status status =
            [ISealRegistry.Status.Suspended, ISealRegistry.Status.Active, ISealRegistry.Status.Revoked][operation];
        _model.push(Entry(uint64(block.timestamp), status, reason, byRegulator));
    }

    function _call(address sender, uint256 operation, ISealRegistry.Reason reason) private returns (bool done) {
        bytes4 selector = [registry.suspend.selector, registry.resume.selector, registry.revoke.selector][operation];
        vm.prank(sender);
        (done,) = address(registry).call(abi.encodeWithSelector(selector, HANDLE, reason));
    }

    function _allowed(uint256 operation, ISealRegistry.Reason reason, bool byRegulator) private view returns (bool) {
        Entry memory current = _model[_model.length - 1];
        if (current.status == ISealRegistry.Status.Revoked) return false;
        if (operation == 2) return reason != ISealRegistry.Reason.None;
        if (operation == 0) {
            return current.status == ISealRegistry.Status.Active || (byRegulator && !current.byRegulator);
        }
        return current.status == ISealRegistry.Status.Suspended && (byRegulator || !current.byRegulator);
    }

    function _compare(uint64 time) private view {
        if (time < START) return _assertAt(time, ISealRegistry.Status.Unknown, ISealRegistry.Reason.None, 0);
        Entry memory found;
        for (uint256 i = 0; i < _model.length; ++i) {
            if (_model[i].time <= time) found = _model[i];
        }
        if (found.status == ISealRegistry.Status.Revoked) {
            _assertAt(time, found.status, found.reason, found.time);
        } else if (time < _begin) {
            _assertAt(time, ISealRegistry.Status.NotYetValid, ISealRegistry.Reason.None, START);
        } else if (time > _end) {
            _assertAt(time, ISealRegistry.Status.Expired, ISealRegistry.Reason.None, _end + 1);
        } else {
            _assertAt(time, found.status, found.reason, found.time < _begin ? _begin : found.time);
        }
    }
}
