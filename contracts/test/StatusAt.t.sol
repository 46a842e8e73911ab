// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISeals} from "../interfaces/ISeals.sol";
import {IStatuses} from "../interfaces/IStatuses.sol";
import {StatusFixture} from "./Statuses.t.sol";
import {vm} from "./Vm.sol";

contract StatusAtTest is StatusFixture {
    function test_unknown() public view {
        _assertNow(IStatuses.Status.Unknown, IStatuses.Reason.None, 0, 0);
    }

    function test_unknownBeforeRegistration() public {
        _register();
        _assertAt(START - 1, IStatuses.Status.Unknown, IStatuses.Reason.None, 0, 0);
        _assertAt(START, IStatuses.Status.Active, IStatuses.Reason.None, START, 0);
    }

    function test_validity() public {
        _registerFor(START + 100, START + 200);
        _assertAt(START + 99, IStatuses.Status.NotYetValid, IStatuses.Reason.None, START, 0);
        _assertAt(START + 100, IStatuses.Status.Active, IStatuses.Reason.None, START + 100, 0);
        _assertAt(START + 200, IStatuses.Status.Active, IStatuses.Reason.None, START + 100, 0);
        _assertAt(START + 201, IStatuses.Status.Expired, IStatuses.Reason.None, START + 201, 0);
        _assertAt(type(uint64).max, IStatuses.Status.Expired, IStatuses.Reason.None, START + 201, 0);
    }

    function test_registeredAfterExpiry() public {
        _registerFor(START - 200, START - 100);
        _assertNow(IStatuses.Status.Expired, IStatuses.Reason.None, START, 0);
    }

    function test_neverExpires() public {
        _registerFor(0, type(uint64).max);
        _assertAt(type(uint64).max, IStatuses.Status.Active, IStatuses.Reason.None, START, 0);
    }

    function test_revokedOutranksExpired() public {
        _registerFor(START, START + 10);
        vm.warp(START + 20);
        _revoke(OPERATOR);
        _assertAt(START + 19, IStatuses.Status.Expired, IStatuses.Reason.None, START + 11, 0);
        _assertAt(START + 20, IStatuses.Status.Revoked, IStatuses.Reason.KeyCompromise, START + 20, 0);
    }

    function test_revokedOutranksNotYetValid() public {
        _registerFor(START + 10, START + 20);
        _revoke(OPERATOR);
        _assertNow(IStatuses.Status.Revoked, IStatuses.Reason.KeyCompromise, START, 0);
    }

    function test_validityOutranksSuspended() public {
        _registerFor(START + 10, START + 20);
        _suspend(OPERATOR);
        _assertAt(START + 9, IStatuses.Status.NotYetValid, IStatuses.Reason.None, START, ISSUER_FLAG);
        _assertAt(START + 10, IStatuses.Status.Suspended, IStatuses.Reason.Loss, START + 10, ISSUER_FLAG);
        _assertAt(START + 21, IStatuses.Status.Expired, IStatuses.Reason.None, START + 21, ISSUER_FLAG);
    }

    /// A retired issuer's seals end with it; only a revocation says more.
    function test_retirementOutranksAllButRevocation() public {
        _registerFor(START, START + 50);
        vm.warp(START + 5);
        _suspend(OPERATOR);
        vm.warp(START + 30);
        _retire();
        _assertAt(START + 29, IStatuses.Status.Suspended, IStatuses.Reason.Loss, START + 5, ISSUER_FLAG);
        _assertAt(START + 30, IStatuses.Status.IssuerRetired, IStatuses.Reason.None, START + 30, ISSUER_FLAG);
        _assertAt(START + 51, IStatuses.Status.IssuerRetired, IStatuses.Reason.None, START + 30, ISSUER_FLAG);
        vm.warp(START + 40);
        _revoke(REGULATOR);
        _assertAt(START + 39, IStatuses.Status.IssuerRetired, IStatuses.Reason.None, START + 30, ISSUER_FLAG);
        _assertAt(START + 40, IStatuses.Status.Revoked, IStatuses.Reason.KeyCompromise, START + 40, ISSUER_FLAG);
    }

    function test_retirementInTheSecondOfRegistration() public {
        _register();
        _retire();
        _assertNow(IStatuses.Status.IssuerRetired, IStatuses.Reason.None, START, 0);
        _assertAt(START - 1, IStatuses.Status.Unknown, IStatuses.Reason.None, 0, 0);
    }

    function test_lastChangeOfASecondCounts() public {
        _register();
        _suspend(OPERATOR);
        _resume(OPERATOR);
        _suspend(OPERATOR);
        _assertNow(IStatuses.Status.Suspended, IStatuses.Reason.Loss, START, ISSUER_FLAG);
        _revoke(OPERATOR);
        _assertNow(IStatuses.Status.Revoked, IStatuses.Reason.KeyCompromise, START, ISSUER_FLAG);
    }

    function _registerFor(uint64 notBefore, uint64 notAfter) private {
        ISeals.NewSeal memory added = _seal(CERTIFICATE);
        (added.notBefore, added.notAfter) = (notBefore, notAfter);
        _register(added);
    }
}

/// @dev Random histories of the three stops, against a model that keeps every act in a list and plays it back from the
/// start for every second.
contract StatusHistoryTest is StatusFixture {
    struct Act {
        uint64 time;
        uint256 operation; // 0 stops, 1 lifts, 2 revokes, 3 retires the issuer
        uint8 flag;
        IStatuses.Reason reason;
    }

    /// What the model says of a second.
    struct State {
        bool stopped;
        bool revoked;
        uint64 retiredAt;
        uint64 since;
        IStatuses.Reason reason;
        uint8 flags;
    }

    uint256 private constant CODES = 32;

    Act[] private _acts;
    bytes32[] private _codes;
    uint256 private _spent;
    uint64 private _begin;
    uint64 private _end;

    /// Each number is one attempt: who, what, why, and how many seconds after the one before.
    function testFuzz_history(uint32[24] memory attempts, uint16 begin, uint16 length) public {
        _begin = START + begin % 100;
        _end = _begin + length % 400;
        ISeals.NewSeal memory added = _seal(CERTIFICATE);
        (added.notBefore, added.notAfter, added.stopHash) = (_begin, _end, _chain());
        _register(added);
        for (uint256 i = 0; i < attempts.length; ++i) {
            // Revocation and retirement end much, so they wait for the last part.
            _attempt(attempts[i], i < 16 ? 2 : 4);
        }
        uint64 last = uint64(block.timestamp) + 2;
        for (uint64 time = START - 2; time <= last; ++time) {
            _compare(time);
        }
        _compare(_end);
        _compare(_end + 1);
    }

    function _chain() private returns (bytes32 link) {
        _codes = new bytes32[](CODES);
        link = keccak256("secret");
        for (uint256 i = CODES; i > 0; --i) {
            _codes[i - 1] = link;
            link = sha256(abi.encodePacked(block.chainid, address(registry), HANDLE, link));
        }
    }

    function _attempt(uint32 random, uint256 operations) private {
        vm.warp(block.timestamp + (random >> 24) % 16);
        uint8 flag = [OWNER_FLAG, ISSUER_FLAG, REGULATOR_FLAG][random % 3];
        uint256 operation = (random >> 2) % 64 % operations;
        if (operation == 2 && flag == OWNER_FLAG) flag = REGULATOR_FLAG;
        Act memory act = Act(uint64(block.timestamp), operation, flag, IStatuses.Reason((random >> 8) % 11));
        if (flag == OWNER_FLAG) act.reason = operation == 0 ? IStatuses.Reason.OwnerStop : IStatuses.Reason.None;
        bool done = _call(act);
        vm.assertEq(done, _allowed(act));
        if (done) _acts.push(act);
    }

    function _call(Act memory act) private returns (bool done) {
        bytes memory data;
        address sender = act.flag == ISSUER_FLAG ? OPERATOR : act.flag == REGULATOR_FLAG ? REGULATOR : STRANGER;
        bool owner = act.flag == OWNER_FLAG;
        if (act.operation == 3) (sender, data) = (ADMIN, abi.encodeCall(registry.retireIssuer, (ISSUER)));
        else if (act.operation == 2) data = abi.encodeCall(registry.revoke, (HANDLE, act.reason));
        else if (act.operation == 0 && owner) data = abi.encodeCall(registry.stopByOwner, (HANDLE, _codes[_spent]));
        else if (owner) data = abi.encodeCall(registry.resumeByOwner, (HANDLE, _codes[_spent]));
        else if (act.operation == 0) data = abi.encodeCall(registry.suspend, (HANDLE, act.reason));
        else data = abi.encodeCall(registry.resume, (HANDLE, act.reason));
        vm.prank(sender);
        (done,) = address(registry).call(data);
        if (done && owner && act.operation < 2) ++_spent;
    }

    function _allowed(Act memory act) private view returns (bool) {
        State memory state = _stateAt(uint64(block.timestamp));
        if (act.operation == 3) return state.retiredAt == 0;
        if (state.revoked || (act.flag == ISSUER_FLAG && state.retiredAt != 0)) return false;
        if (act.operation == 2) return act.reason != IStatuses.Reason.None;
        return (state.flags & act.flag == 0) == (act.operation == 0);
    }

    function _stateAt(uint64 time) private view returns (State memory state) {
        state.since = START;
        for (uint256 i = 0; i < _acts.length && _acts[i].time <= time; ++i) {
            Act storage act = _acts[i];
            if (act.operation == 3) {
                state.retiredAt = act.time;
                continue;
            }
            if (act.operation == 0) state.flags |= act.flag;
            if (act.operation == 1) state.flags &= 7 - act.flag;
            bool stopped = state.flags != 0;
            if (act.operation == 2) state.revoked = true;
            else if (stopped == state.stopped) continue;
            (state.stopped, state.since, state.reason) = (stopped, act.time, act.reason);
        }
    }

    function _compare(uint64 time) private view {
        if (time < START) return _assertAt(time, IStatuses.Status.Unknown, IStatuses.Reason.None, 0, 0);
        State memory state = _stateAt(time);
        uint8 flags = state.flags;
        if (state.revoked) {
            _assertAt(time, IStatuses.Status.Revoked, state.reason, state.since, flags);
        } else if (state.retiredAt != 0) {
            _assertAt(time, IStatuses.Status.IssuerRetired, IStatuses.Reason.None, state.retiredAt, flags);
        } else if (time < _begin) {
            _assertAt(time, IStatuses.Status.NotYetValid, IStatuses.Reason.None, START, flags);
        } else if (time > _end) {
            _assertAt(time, IStatuses.Status.Expired, IStatuses.Reason.None, _end + 1, flags);
        } else {
            IStatuses.Status status = state.stopped ? IStatuses.Status.Suspended : IStatuses.Status.Active;
            _assertAt(time, status, state.reason, state.since < _begin ? _begin : state.since, flags);
        }
    }
}
