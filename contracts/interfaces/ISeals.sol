// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Seals on record
/// @notice A seal is named by its handle, SHA-256(issuer ‖ SHA-256(certificate DER)), which is computed here: no issuer
/// can take another's, also not one that sees it on its way. It belongs to a company, whose subject every event names: a
/// company's history is one query of events by its subject.
/// @dev All times are Unix seconds; recorded times are block timestamps.
interface ISeals {
    /// @notice A seal to be registered.
    struct NewSeal {
        bytes32 certificate; // SHA-256(certificate DER)
        bytes32 subject; // the company, on record
        uint64 notBefore; // first second of the certificate's validity
        uint64 notAfter; // last second of it
        uint8 depth; // its volumes have 2^depth tickets, 4 to 24
        bytes32 volumeRoot; // Merkle root of volume 0
        bytes32 stopHash; // end of the owner's chain of stop codes; zero: none yet
    }

    /// @notice A seal is on record, and active within its validity.
    event SealRegistered(
        bytes32 indexed subject,
        bytes32 indexed handle,
        bytes32 indexed issuer,
        uint64 notBefore,
        uint64 notAfter,
        uint8 depth
    );

    /// @notice No seals were given.
    error NoSeals();

    /// @notice The hash of a certificate is zero: it was left out.
    error ZeroCertificate(bytes32 issuer);

    /// @notice The seal's validity ends before it begins.
    error InvalidValidity(bytes32 handle, uint64 notBefore, uint64 notAfter);

    /// @notice The depth of the seal's volumes is not within 4 to 24.
    error InvalidDepth(bytes32 handle, uint8 depth);

    /// @notice The handle is on record already.
    error SealAlreadyRegistered(bytes32 handle);

    /// @notice Puts seals on record, all or none, each under its handle and with its first volume open. For an operator of
    /// the issuer.
    function registerSeals(bytes32 issuer, NewSeal[] calldata newSeals) external;

    /// @notice What is on record about a seal; all zero if nothing is.
    /// @param handle the seal
    /// @return issuer the id of its issuer
    /// @return subject its company
    /// @return notBefore first second of its validity
    /// @return notAfter last second of its validity
    /// @return registeredAt timestamp of the block that registered it
    /// @return depth its volumes have 2^depth tickets
    /// @return volumes how many of them are open
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
        );
}
