// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISealRegistry} from "./ISealRegistry.sol";

/// @title The heads of every issuer's log of seal uses
/// @notice Each issuer has one log, an RFC 9162 SHA-256 Merkle tree. A new head is accepted only with a consistency
/// proof, checked here, that it extends the head before it. Every accepted head stays in storage. Only the registry's
/// default admin can take back heads, which begins a new epoch of the log for all to see, or replace the log's key.
/// @dev Known limits:
/// - A consistency proof does not bind the tree's size: most honest proofs verify for some other size too. So the size
///   is what the log's authorised operator says, each leaf carries its own index, and a monitor must rebuild every root
///   from exactly `size` leaves.
/// - Consistency is not availability: the ledger holds roots, not leaves. Somebody must keep the leaves.
/// - The first head of a log extends the empty log, and so is accepted without proof.
interface IUsageLedger {
    /// @notice A log was opened.
    event LogOpened(bytes32 indexed logId, bytes32 indexed issuer, string origin, bytes32 publicKey);

    /// @notice A log's head was accepted as an extension of the one before it.
    event HeadAdvanced(bytes32 indexed logId, uint64 indexed epoch, uint64 indexed newSize, bytes32 newRoot);

    /// @notice A log's heads beyond `size` do not count any more, from `oldSize` back. `epoch` begins.
    event HeadDisowned(bytes32 indexed logId, uint64 epoch, uint64 size, uint64 oldSize);

    /// @notice A log's heads beyond `fromSize` are signed by another key.
    event LogSucceeded(bytes32 indexed logId, uint64 fromSize, bytes32 publicKey);

    /// @notice The address given as registry does not implement `IIssuers` and `IAccessControlDefaultAdminRules`.
    error InvalidRegistry(address registry);

    /// @notice The origin is empty or longer than 255 bytes.
    error InvalidOriginLength(uint256 length);

    /// @notice The issuer has its one log already.
    error LogAlreadyOpen(bytes32 logId);

    /// @notice No log of this id is open.
    error UnknownLog(bytes32 logId);

    /// @notice The account is not an operator of the issuer, or the issuer is retired.
    error NotOperator(bytes32 issuer, address account);

    /// @notice The account is not the registry's default admin.
    error NotAdmin(address account);

    /// @notice The head on the ledger is this one, not the one that was to be extended.
    error StaleHead(uint64 size, bytes32 root);

    /// @notice The new head has no more leaves than the old one.
    error HeadNotLarger(uint64 oldSize, uint64 newSize);

    /// @notice The root is zero, which stands for "no head".
    error ZeroRoot();

    /// @notice The proof does not show that the new head extends the old one.
    error InvalidConsistencyProof();

    /// @notice The head to go back to is not behind the newest.
    error HeadNotSmaller(uint64 headSize, uint64 size);

    /// @notice No head in force has this size.
    error HeadNotAccepted(uint64 size);

    /// @notice The log was signed by this key before; a key that was replaced never comes back.
    error LogKeyUsedBefore(bytes32 publicKey);

    /// @notice The registry that knows the issuers and their operators.
    function registry() external view returns (ISealRegistry);

    /// @notice Opens an issuer's one log. For an operator of the issuer.
    /// @param issuer the id of the issuer that runs the log
    /// @param origin the log's origin line (C2SP tlog-checkpoint), 1 to 255 bytes of UTF-8
    /// @param publicKey the Ed25519 key that signs the log's checkpoints
    /// @return logId SHA-256(issuer ‖ origin)
    function openLog(bytes32 issuer, string calldata origin, bytes32 publicKey) external returns (bytes32 logId);

    /// @notice Accepts a log's new head. For an operator of the log's issuer.
    /// @param logId the log
    /// @param oldSize leaves of the head that is extended; zero for the first head
    /// @param newSize leaves of the new head
    /// @param newRoot root of the new head
    /// @param proof consistency proof (RFC 9162 section 2.1.4); empty for the first head
    function advance(bytes32 logId, uint64 oldSize, uint64 newSize, bytes32 newRoot, bytes32[] calldata proof) external;

    /// @notice Takes back every head beyond `size` and begins a new epoch there. They stay on record (`rootIn`), but
    /// count no more. For the registry's default admin: the way out when an operator's account was stolen.
    /// @param logId the log
    /// @param size zero, or the size of a head in force, smaller than the newest
    function disown(bytes32 logId, uint64 size) external;

    /// @notice Replaces the key that signs a log's checkpoints; log id and tree stay. For the registry's default admin.
    function succeed(bytes32 logId, bytes32 newPublicKey) external;

    /// @notice A log's newest head.
    /// @param logId the log
    /// @return size its leaves; zero before the first head, and if no such log is open
    /// @return root its root; for size zero that of the empty tree, SHA-256 of the empty string
    function head(bytes32 logId) external view returns (uint64 size, bytes32 root);

    /// @notice The root in force at exactly `size` leaves; zero if there is none. A root of an earlier epoch is in force
    /// if no later epoch began below it.
    function rootAt(bytes32 logId, uint64 size) external view returns (bytes32);

    /// @notice The root accepted in an epoch at exactly `size` leaves, in force or disowned; zero if there is none.
    function rootIn(bytes32 logId, uint64 epoch, uint64 size) external view returns (bytes32);

    /// @notice The size at which each epoch of a log began; the first, epoch 0, at zero. None if no such log is open.
    function epochsOf(bytes32 logId) external view returns (uint64[] memory);

    /// @notice The one log of an issuer; zero if it has none.
    function logIdOf(bytes32 issuer) external view returns (bytes32);

    /// @notice Who runs a log; all zero if no such log is open.
    /// @param logId the log
    /// @return issuer the id of its issuer
    /// @return publicKey the Ed25519 key that signs its checkpoints now
    /// @return epoch how often heads were disowned
    function logOf(bytes32 logId) external view returns (bytes32 issuer, bytes32 publicKey, uint64 epoch);

    /// @notice Every key that signed a log's checkpoints. Key i signs heads of more than `fromSizes[i]` leaves, the first
    /// all; none those of more than the next key's `fromSizes`, while a new key may sign older heads again.
    function keysOf(bytes32 logId) external view returns (uint64[] memory fromSizes, bytes32[] memory keys);

    /// @notice Whether a leaf is in a log under one of its heads in force (RFC 9162 section 2.1.3).
    /// @param logId the log
    /// @param size leaves of an accepted head
    /// @param index the leaf's index, from zero
    /// @param leafHash SHA-256(0x00 ‖ leaf)
    /// @param proof inclusion proof
    function verifyInclusion(bytes32 logId, uint64 size, uint64 index, bytes32 leafHash, bytes32[] calldata proof)
        external
        view
        returns (bool);
}
