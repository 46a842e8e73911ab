// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Period} from "../lib/Periods.sol";

/// @title Who names companies
/// @notice A scheme of registration ids (the hash of its prefix, such as NTRCN) has one authority, which gives each
/// company its one subject by a verifiable random function (RFC 9381) and attests its name. An authority's keys have
/// periods; its account on this ledger, which signs registrations, can be replaced.
interface IAuthorities {
    /// @notice A scheme has its authority. This is final.
    event SchemeSet(bytes32 indexed scheme, bytes32 indexed authority);

    /// @notice An authority's registrations are from now on signed by this account; by none if it is zero.
    event AuthorityAccountSet(bytes32 indexed authority, address indexed account);

    /// @notice An authority names companies by this pair of keys.
    event AuthorityKeyAdded(bytes32 indexed authority, bytes32 indexed vrfKey, bytes32 attestKey);

    /// @notice An authority names no more companies by this key. This is final.
    event AuthorityKeyEnded(bytes32 indexed authority, bytes32 indexed vrfKey);

    /// @notice The authority's id is zero, which stands for "no authority".
    error ZeroAuthority();

    /// @notice The scheme has an authority already.
    error SchemeAlreadySet(bytes32 scheme, bytes32 authority);

    /// @notice The key was added before, by this or another authority; a key is never used again.
    error AuthorityKeyAlreadyAdded(bytes32 vrfKey);

    /// @notice The key was never added, or has ended.
    error AuthorityKeyNotInForce(bytes32 vrfKey);

    /// @notice Gives schemes their authority, once: the authority's account and keys can change, but what it named
    /// under a scheme stays named by it. For the default admin.
    /// @param schemes SHA-256 of each scheme's prefix in ASCII
    /// @param authority its id, opaque to the contract, not zero
    function setSchemes(bytes32[] calldata schemes, bytes32 authority) external;

    /// @notice Sets the account that signs an authority's registrations, an ordinary one or a contract (ERC-1271);
    /// zero: none. For the default admin.
    function setAuthorityAccount(bytes32 authority, address account) external;

    /// @notice Adds a pair of keys. For the default admin.
    /// @param authority the authority's id, not zero
    /// @param vrfKey Ed25519 point: public key of its random function
    /// @param attestKey Ed25519 point: public key by which it attests names
    function addAuthorityKey(bytes32 authority, bytes32 vrfKey, bytes32 attestKey) external;

    /// @notice Ends a pair of keys, finally. Companies named by it stay. For the default admin.
    function endAuthorityKey(bytes32 vrfKey) external;

    /// @notice The authority of a scheme; zero if it has none.
    function schemeAuthority(bytes32 scheme) external view returns (bytes32);

    /// @notice The account that signs an authority's registrations; zero if it has none.
    function authorityAccount(bytes32 authority) external view returns (address);

    /// @notice What a key is; all zero if it was never added.
    /// @param vrfKey public key of the random function
    /// @return authority whose it is
    /// @return attestKey the key that attests names beside it
    /// @return period when companies are named by it
    function authorityKey(bytes32 vrfKey)
        external
        view
        returns (bytes32 authority, bytes32 attestKey, Period memory period);
}
