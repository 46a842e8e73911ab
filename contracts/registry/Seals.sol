// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISeals} from "../interfaces/ISeals.sol";
import {Companies} from "./Companies.sol";
import {OwnerStop} from "./OwnerStop.sol";
import {Volumes} from "./Volumes.sol";

/// @title Seals
abstract contract Seals is Companies, Volumes, OwnerStop, ISeals {
    /// Sixteen tickets: fewer would tell more by their volumes' opening than they hide.
    uint8 private constant MIN_DEPTH = 4;
    /// Sixteen million tickets: a tree that a watch can still build in a minute.
    uint8 private constant MAX_DEPTH = 24;

    /// @inheritdoc ISeals
    function registerSeals(bytes32 issuer, NewSeal[] calldata newSeals) external {
        _requireOperator(issuer);
        if (newSeals.length == 0) revert NoSeals();
        for (uint256 i = 0; i < newSeals.length; ++i) {
            _registerSeal(issuer, newSeals[i]);
        }
    }

    /// @inheritdoc ISeals
    function sealOf(bytes32 handle)
        external
        view
        returns (
            bytes32 issuer,
            bytes32 subject,
            uint64 notBefore,
            uint64 notAfter,
            uint64 registeredAt,
            uint8 depth,
            uint32 volumes
        )
    {
        Seal storage seal = _seals[handle];
        (issuer, subject) = (seal.issuer, seal.subject);
        (notBefore, notAfter, registeredAt) = (seal.notBefore, seal.notAfter, seal.registeredAt);
        (depth, volumes) = (seal.depth, seal.volumes);
    }

    function _registerSeal(bytes32 issuer, NewSeal calldata added) private {
        if (added.certificate == 0) revert ZeroCertificate(issuer);
        bytes32 handle = sha256(abi.encodePacked(issuer, added.certificate));
        bytes32 subject = added.subject;
        (uint64 notBefore, uint64 notAfter, uint8 depth) = (added.notBefore, added.notAfter, added.depth);
        if (notBefore > notAfter) revert InvalidValidity(handle, notBefore, notAfter);
        if (depth < MIN_DEPTH || depth > MAX_DEPTH) revert InvalidDepth(handle, depth);
        if (_seals[handle].registeredAt != 0) revert SealAlreadyRegistered(handle);
        _requireCompany(subject);
        _seals[handle] = Seal(issuer, subject, notBefore, notAfter, uint64(block.timestamp), depth, 0, false);
        emit SealRegistered(subject, handle, issuer, notBefore, notAfter, depth);
        _openVolume(handle, 0, added.volumeRoot);
        if (added.stopHash != 0) _setStop(handle, added.stopHash);
    }
}
