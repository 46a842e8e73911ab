// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IVolumes} from "../interfaces/IVolumes.sol";
import {Statuses} from "./Statuses.sol";

/// @title Volumes
abstract contract Volumes is Statuses, IVolumes {
    /// Block numbers that share a storage slot: a volume then writes one new slot, not two, three times out of four.
    uint32 private constant PER_SLOT = 4;

    mapping(bytes32 handle => mapping(uint32 number => bytes32)) private _volumeRoots;
    mapping(bytes32 handle => mapping(uint32 number => uint64[PER_SLOT])) private _openedAt;

    /// @inheritdoc IVolumes
    function openVolumes(NewVolume[] calldata newVolumes) external {
        if (newVolumes.length == 0) revert NoVolumes();
        for (uint256 i = 0; i < newVolumes.length; ++i) {
            NewVolume calldata volume = newVolumes[i];
            _requireOperator(_standingSeal(volume.handle).issuer);
            _openVolume(volume.handle, volume.number, volume.root);
        }
    }

    /// @inheritdoc IVolumes
    function volumeOf(bytes32 handle, uint32 number) external view returns (bytes32 root, uint64 openedAtBlock) {
        return (_volumeRoots[handle][number], _openedAt[handle][number / PER_SLOT][number % PER_SLOT]);
    }

    function _openVolume(bytes32 handle, uint32 number, bytes32 root) internal {
        Seal storage seal = _seals[handle];
        if (root == 0) revert ZeroVolumeRoot(handle);
        uint32 next = seal.volumes;
        if (number != next) revert VolumeNotNext(handle, next, number);
        seal.volumes = next + 1;
        _volumeRoots[handle][number] = root;
        _openedAt[handle][number / PER_SLOT][number % PER_SLOT] = uint64(block.number);
        emit VolumeOpened(seal.subject, handle, number, root);
    }
}
