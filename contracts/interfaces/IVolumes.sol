// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Volumes of the seals' books
/// @notice A seal's book has volumes of 2^depth secret tickets. A volume opens with the Merkle root of its tickets, in
/// the order of its number, and its root never changes.
interface IVolumes {
    /// @notice A volume to be opened.
    struct NewVolume {
        bytes32 handle;
        uint32 number; // the number of volumes open before
        bytes32 root;
    }

    /// @notice A volume is open.
    event VolumeOpened(bytes32 indexed subject, bytes32 indexed handle, uint32 number, bytes32 root);

    /// @notice No volumes were given.
    error NoVolumes();

    /// @notice The root is zero, which stands for "no volume".
    error ZeroVolumeRoot(bytes32 handle);

    /// @notice The volume to be opened next is another one.
    error VolumeNotNext(bytes32 handle, uint32 next, uint32 number);

    /// @notice Opens volumes of any seals, all or none. For an operator of each seal's issuer; not of revoked seals.
    function openVolumes(NewVolume[] calldata newVolumes) external;

    /// @notice A volume's root, and the number of the block that opened it; both zero if it is not open.
    function volumeOf(bytes32 handle, uint32 number) external view returns (bytes32 root, uint64 openedAtBlock);
}
