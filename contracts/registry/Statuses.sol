// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IStatuses} from "../interfaces/IStatuses.sol";
import {Issuers} from "./Issuers.sol";
import {Regulators} from "./Regulators.sol";

/// @title Statuses
abstract contract Statuses is Regulators, Issuers, IStatuses {
    uint8 internal constant OWNER = 1;
    uint8 internal constant ISSUER = 2;
    uint8 internal constant REGULATOR = 4;

    /// Three storage slots.
    struct Seal {
        bytes32 issuer;
        bytes32 subject;
        uint64 notBefore;
        uint64 notAfter;
        uint64 registeredAt; // zero: not on record
        uint8 depth;
        uint32 volumes;
        bool revoked; // as the last change says; here, what a revoked seal refuses takes no other slot to know
    }

    /// One storage slot. Registration is not among a seal's changes: without any, it is active since `registeredAt`.
    struct Change {
        uint64 time;
        /// When `status` began, and why: a change of flags alone does not begin it anew.
        uint64 since;
        Status status;
        Reason reason;
        uint8 flags;
    }

    mapping(bytes32 handle => Seal) internal _seals;
    mapping(bytes32 handle => Change[]) private _changes;

    /// @inheritdoc IStatuses
    function suspend(bytes32 handle, Reason reason) external {
        _stop(handle, _partyOf(handle), reason);
    }

    /// @inheritdoc IStatuses
    function resume(bytes32 handle, Reason reason) external {
        _lift(handle, _partyOf(handle), reason);
    }

    /// @inheritdoc IStatuses
    function revoke(bytes32 handle, Reason reason) external {
        _partyOf(handle);
        if (reason == Reason.None) revert ReasonRequired();
        _seals[handle].revoked = true;
        _change(handle, Status.Revoked, reason, _flags(handle));
    }

    /// @inheritdoc IStatuses
    function statusAt(bytes32 handle, uint64 time)
        external
        view
        returns (Status status, Reason reason, uint64 since, uint8 flags)
    {
        Seal storage seal = _seals[handle];
        (uint64 notBefore, uint64 notAfter) = (seal.notBefore, seal.notAfter);
        uint64 registeredAt = seal.registeredAt;
        if (registeredAt == 0 || time < registeredAt) return (Status.Unknown, Reason.None, 0, 0);

        Change memory change = _changeBefore(handle, _countUntil(handle, time));
        flags = change.flags;
        if (change.status == Status.Revoked) return (Status.Revoked, change.reason, change.since, flags);
        uint64 retiredAt = _retiredAt(seal.issuer);
        if (retiredAt != 0 && time >= retiredAt) return (Status.IssuerRetired, Reason.None, retiredAt, flags);
        if (time < notBefore) return (Status.NotYetValid, Reason.None, registeredAt, flags);
        if (time > notAfter) return (Status.Expired, Reason.None, _later(notAfter + 1, registeredAt), flags);
        return (change.status, change.reason, _later(change.since, notBefore), flags);
    }

    /// @dev Sets a party's stop of a standing seal.
    function _stop(bytes32 handle, uint8 party, Reason reason) internal {
        uint8 flags = _flags(handle);
        if (flags & party != 0) revert AlreadyStopped(handle, party);
        _change(handle, Status.Suspended, reason, flags | party);
    }

    /// @dev Lifts a party's stop of a standing seal.
    function _lift(bytes32 handle, uint8 party, Reason reason) internal {
        uint8 flags = _flags(handle);
        if (flags & party == 0) revert NotStopped(handle, party);
        flags &= ~party;
        _change(handle, flags == 0 ? Status.Active : Status.Suspended, reason, flags);
    }

    /// @dev A seal that is on record and not revoked.
    function _standingSeal(bytes32 handle) internal view returns (Seal storage seal) {
        seal = _seals[handle];
        if (seal.registeredAt == 0) revert UnknownSeal(handle);
        if (seal.revoked) revert SealIsRevoked(handle);
    }

    function _change(bytes32 handle, Status status, Reason reason, uint8 flags) private {
        Change memory last = _changeBefore(handle, _changes[handle].length);
        uint64 time = uint64(block.timestamp);
        _changes[handle].push(
            status == last.status
                ? Change(time, last.since, status, last.reason, flags)
                : Change(time, time, status, reason, flags)
        );
        emit SealStatusChanged(_seals[handle].subject, handle, status, reason, flags);
    }

    /// @dev As what the caller may change a seal that can still change.
    function _partyOf(bytes32 handle) private view returns (uint8) {
        bytes32 issuer = _standingSeal(handle).issuer;
        if (hasRole(REGULATOR_ROLE, msg.sender)) return REGULATOR;
        if (isOperator(issuer, msg.sender)) return ISSUER;
        revert NotOperatorOrRegulator(issuer, msg.sender);
    }

    function _flags(bytes32 handle) private view returns (uint8) {
        return _changeBefore(handle, _changes[handle].length).flags;
    }

    /// @dev The last of a registered seal's first `count` changes, its registration if there are none.
    function _changeBefore(bytes32 handle, uint256 count) private view returns (Change memory) {
        if (count != 0) return _changes[handle][count - 1];
        uint64 time = _seals[handle].registeredAt;
        return Change(time, time, Status.Active, Reason.None, 0);
    }

    /// @dev How many of a seal's changes were made up to and including `time`: binary search, as `time` never falls.
    function _countUntil(bytes32 handle, uint64 time) private view returns (uint256 low) {
        Change[] storage changes = _changes[handle];
        uint256 high = changes.length;
        while (low < high) {
            uint256 middle = (low + high) / 2;
            if (changes[middle].time <= time) low = middle + 1;
            else high = middle;
        }
    }

    function _later(uint64 a, uint64 b) private pure returns (uint64) {
        return a > b ? a : b;
    }
}
