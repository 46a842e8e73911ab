// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC165Checker} from "@openzeppelin/contracts/utils/introspection/ERC165Checker.sol";

import {ISealRegistry} from "./interfaces/ISealRegistry.sol";
import {IUsageLedger} from "./interfaces/IUsageLedger.sol";
import {Rfc9162} from "./lib/Rfc9162.sol";

/// @title UsageLedger
contract UsageLedger is IUsageLedger {
    /// Longest origin, in bytes. Bounds what opening a log and reading its event can cost; real origins are host names
    /// with a short path.
    uint256 private constant MAX_ORIGIN_BYTES = 255;

    struct Log {
        bytes32 issuer; // zero: not open
        uint64 size;
        bytes32 publicKey;
        /// Every accepted head, the newest included, so that advancing writes one new slot only.
        mapping(uint64 size => bytes32) roots;
    }

    ISealRegistry private immutable _registry;
    mapping(bytes32 logId => Log) private _logs;

    /// @param registry_ the registry that knows the issuers and their operators
    constructor(ISealRegistry registry_) {
        if (!ERC165Checker.supportsInterface(address(registry_), type(ISealRegistry).interfaceId)) {
            revert InvalidRegistry(address(registry_));
        }
        _registry = registry_;
    }

    /// @inheritdoc IUsageLedger
    function openLog(bytes32 issuer, string calldata origin, bytes32 publicKey) external returns (bytes32 logId) {
        uint256 length = bytes(origin).length;
        if (length == 0 || length > MAX_ORIGIN_BYTES) revert InvalidOriginLength(length);
        _requireOperator(issuer);
        logId = sha256(bytes(origin));
        Log storage log = _logs[logId];
        if (log.issuer != 0) revert LogAlreadyOpen(logId);
        (log.issuer, log.publicKey) = (issuer, publicKey);
        emit LogOpened(logId, issuer, origin, publicKey);
    }

    /// @inheritdoc IUsageLedger
    function advance(bytes32 logId, uint64 oldSize, uint64 newSize, bytes32 newRoot, bytes32[] calldata proof)
        external
    {
        Log storage log = _logs[logId];
        bytes32 issuer = log.issuer;
        if (issuer == 0) revert UnknownLog(logId);
        _requireOperator(issuer);
        uint64 size = log.size;
        if (oldSize != size) revert StaleHead(size, _root(log, size));
        if (newSize <= oldSize) revert HeadNotLarger(oldSize, newSize);
        if (newRoot == 0) revert ZeroRoot();
        bool proven =
            oldSize == 0 ? proof.length == 0 : Rfc9162.extends(log.roots[oldSize], newRoot, oldSize, newSize, proof);
        if (!proven) revert InvalidConsistencyProof();

        log.size = newSize;
        log.roots[newSize] = newRoot;
        emit HeadAdvanced(logId, newSize, newRoot, oldSize);
    }

    /// @inheritdoc IUsageLedger
    function registry() external view returns (ISealRegistry) {
        return _registry;
    }

    /// @inheritdoc IUsageLedger
    function head(bytes32 logId) external view returns (uint64 size, bytes32 root) {
        Log storage log = _logs[logId];
        size = log.size;
        root = _root(log, size);
    }

    /// @inheritdoc IUsageLedger
    function rootAt(bytes32 logId, uint64 size) external view returns (bytes32) {
        return _logs[logId].roots[size];
    }

    /// @inheritdoc IUsageLedger
    function logOf(bytes32 logId) external view returns (bytes32 issuer, bytes32 publicKey) {
        Log storage log = _logs[logId];
        return (log.issuer, log.publicKey);
    }

    /// @inheritdoc IUsageLedger
    function verifyInclusion(bytes32 logId, uint64 size, uint64 index, bytes32 leafHash, bytes32[] calldata proof)
        external
        view
        returns (bool)
    {
        bytes32 root = _logs[logId].roots[size];
        return root != 0 && Rfc9162.includes(leafHash, index, size, root, proof);
    }

    function _requireOperator(bytes32 issuer) private view {
        if (!_registry.isOperator(issuer, msg.sender)) revert NotOperator(issuer, msg.sender);
    }

    function _root(Log storage log, uint64 size) private view returns (bytes32) {
        return size == 0 ? Rfc9162.EMPTY_ROOT : log.roots[size];
    }
}
