// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The owner's stop
/// @notice The owner of a seal stops it without asking anybody: from any account, by a code of a hash chain that only
/// the owner has. The chain's end lies here; a code is spent by showing it, and takes the place of the end:
/// end = SHA-256(chain id (32 bytes) ‖ address of this contract (20) ‖ handle ‖ code).
/// @dev A code that was shown in vain is no secret any more, and the one who sees it may spend it on another act. So
/// look before what a code would do: by `eth_call`. A stop by the last code of a chain cannot be lifted: replace the chain
/// before.
interface IOwnerStop {
    /// @notice A seal's chain of stop codes ends with this hash from now on. Codes that are spent emit no such event.
    event StopSet(bytes32 indexed subject, bytes32 indexed handle, bytes32 stopHash);

    /// @notice The hash is zero, which stands for "none".
    error ZeroStopHash(bytes32 handle);

    /// @notice The seal has a stop hash already, which only its owner can replace.
    error StopAlreadySet(bytes32 handle);

    /// @notice The code is not the next one of the seal's chain.
    error WrongStopCode(bytes32 handle);

    /// @notice The replacement was not announced, or not an hour ago.
    error StopNotAnnounced(bytes32 handle);

    /// @notice Sets the end of the chain for a seal that has none. For an operator of the seal's issuer.
    function setStop(bytes32 handle, bytes32 stopHash) external;

    /// @notice Sets the owner's stop. From any account.
    function stopByOwner(bytes32 handle, bytes32 code) external;

    /// @notice Lifts the owner's stop. From any account.
    function resumeByOwner(bytes32 handle, bytes32 code) external;

    /// @notice Announces a replacement of the chain. From any account.
    /// @param handle the seal
    /// @param commitment SHA-256(handle ‖ code ‖ new end)
    function announceStop(bytes32 handle, bytes32 commitment) external;

    /// @notice Replaces the chain by one with another end, announced at least an hour before. From any account: whoever
    /// sees the code on its way could put in an end of his own only after another hour, in which the owner can spend
    /// the code by any other way.
    function replaceStop(bytes32 handle, bytes32 code, bytes32 newStopHash) external;

    /// @notice The end of a seal's chain, of which the next code is the preimage; zero if it has none.
    function stopHashOf(bytes32 handle) external view returns (bytes32);

    /// @notice The timestamp of the block that first announced a replacement; zero if none did.
    function stopAnnouncedAt(bytes32 handle, bytes32 commitment) external view returns (uint64);
}
