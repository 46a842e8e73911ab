// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IOwnerStop} from "../interfaces/IOwnerStop.sol";
import {Statuses} from "./Statuses.sol";

/// @title OwnerStop
abstract contract OwnerStop is Statuses, IOwnerStop {
    /// From announcing another chain to putting it in place: long enough for an owner who sees that a call does not
    /// arrive to send it by another way.
    uint64 private constant REPLACE_DELAY = 1 hours;

    mapping(bytes32 handle => bytes32) private _stopHashes;
    mapping(bytes32 handle => mapping(bytes32 commitment => uint64)) private _announcedAt;

    /// @inheritdoc IOwnerStop
    function setStop(bytes32 handle, bytes32 stopHash) external {
        _requireOperator(_standingSeal(handle).issuer);
        if (_stopHashes[handle] != 0) revert StopAlreadySet(handle);
        _setStop(handle, stopHash);
    }

    /// @inheritdoc IOwnerStop
    function stopByOwner(bytes32 handle, bytes32 code) external {
        _standingSeal(handle);
        _spend(handle, code, code);
        _stop(handle, OWNER, Reason.OwnerStop);
    }

    /// @inheritdoc IOwnerStop
    function resumeByOwner(bytes32 handle, bytes32 code) external {
        _standingSeal(handle);
        _spend(handle, code, code);
        _lift(handle, OWNER, Reason.None);
    }

    /// @inheritdoc IOwnerStop
    function announceStop(bytes32 handle, bytes32 commitment) external {
        _standingSeal(handle);
        // The first time counts: who repeats an announcement of others cannot delay it.
        if (_announcedAt[handle][commitment] == 0) _announcedAt[handle][commitment] = uint64(block.timestamp);
    }

    /// @inheritdoc IOwnerStop
    function replaceStop(bytes32 handle, bytes32 code, bytes32 newStopHash) external {
        _standingSeal(handle);
        uint64 announcedAt = _announcedAt[handle][sha256(abi.encodePacked(handle, code, newStopHash))];
        if (announcedAt == 0 || block.timestamp < announcedAt + REPLACE_DELAY) revert StopNotAnnounced(handle);
        _spend(handle, code, newStopHash);
        _setStop(handle, newStopHash);
    }

    /// @inheritdoc IOwnerStop
    function stopHashOf(bytes32 handle) external view returns (bytes32) {
        return _stopHashes[handle];
    }

    /// @inheritdoc IOwnerStop
    function stopAnnouncedAt(bytes32 handle, bytes32 commitment) external view returns (uint64) {
        return _announcedAt[handle][commitment];
    }

    function _setStop(bytes32 handle, bytes32 stopHash) internal {
        if (stopHash == 0) revert ZeroStopHash(handle);
        _stopHashes[handle] = stopHash;
        emit StopSet(_seals[handle].subject, handle, stopHash);
    }

    /// @dev Spends the next code of a seal's chain. A zero would leave a seal whose stop anybody's hash could follow.
    function _spend(bytes32 handle, bytes32 code, bytes32 next) private {
        bytes32 end = sha256(abi.encodePacked(block.chainid, address(this), handle, code));
        if (code == 0 || end != _stopHashes[handle]) revert WrongStopCode(handle);
        _stopHashes[handle] = next;
    }
}
