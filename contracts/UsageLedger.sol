// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    IAccessControlDefaultAdminRules
} from "@openzeppelin/contracts/access/extensions/IAccessControlDefaultAdminRules.sol";
import {ERC165Checker} from "@openzeppelin/contracts/utils/introspection/ERC165Checker.sol";

import {IIssuers} from "./interfaces/IIssuers.sol";
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
        uint64 epoch; // the last of `bases`; beside the size, so that advancing reads one slot for both
        uint64[] bases;
        uint64[] keyFromSizes;
        bytes32[] keys;
        /// Every accepted head by epoch and size, the newest included, so that advancing writes one new slot only.
        mapping(uint256 place => bytes32) roots;
    }

    ISealRegistry private immutable _registry;
    mapping(bytes32 logId => Log) private _logs;
    mapping(bytes32 issuer => bytes32 logId) private _logIds;

    modifier onlyAdmin() {
        _requireAdmin();
        _;
    }

    /// @param registry_ the registry that knows the issuers and their operators
    constructor(ISealRegistry registry_) {
        bool known = ERC165Checker.supportsInterface(address(registry_), type(IIssuers).interfaceId)
            && ERC165Checker.supportsInterface(address(registry_), type(IAccessControlDefaultAdminRules).interfaceId);
        if (!known) revert InvalidRegistry(address(registry_));
        _registry = registry_;
    }

    /// @inheritdoc IUsageLedger
    function openLog(bytes32 issuer, string calldata origin, bytes32 publicKey) external returns (bytes32 logId) {
        uint256 length = bytes(origin).length;
        if (length == 0 || length > MAX_ORIGIN_BYTES) revert InvalidOriginLength(length);
        _requireOperator(issuer);
        if (_logIds[issuer] != 0) revert LogAlreadyOpen(_logIds[issuer]);
        logId = sha256(abi.encodePacked(issuer, origin));
        _logIds[issuer] = logId;
        Log storage log = _logs[logId];
        log.issuer = issuer;
        log.bases.push(0);
        _addKey(log, publicKey);
        emit LogOpened(logId, issuer, origin, publicKey);
    }

    /// @inheritdoc IUsageLedger
    function advance(bytes32 logId, uint64 oldSize, uint64 newSize, bytes32 newRoot, bytes32[] calldata proof)
        external
    {
        Log storage log = _log(logId);
        _requireOperator(log.issuer);
        (uint64 size, uint64 epoch) = (log.size, log.epoch);
        if (oldSize != size) revert StaleHead(size, _headRoot(log, size));
        if (newSize <= oldSize) revert HeadNotLarger(oldSize, newSize);
        if (newRoot == 0) revert ZeroRoot();
        bool proven = oldSize == 0
            ? proof.length == 0
            : Rfc9162.extends(_rootInForce(log, epoch, oldSize), newRoot, oldSize, newSize, proof);
        if (!proven) revert InvalidConsistencyProof();

        log.size = newSize;
        log.roots[_place(epoch, newSize)] = newRoot;
        emit HeadAdvanced(logId, epoch, newSize, newRoot);
    }

    /// @inheritdoc IUsageLedger
    function disown(bytes32 logId, uint64 size) external onlyAdmin {
        Log storage log = _log(logId);
        uint64 oldSize = log.size;
        if (size >= oldSize) revert HeadNotSmaller(oldSize, size);
        if (size != 0 && _rootInForce(log, log.epoch, size) == 0) revert HeadNotAccepted(size);
        uint64 epoch = log.epoch + 1;
        (log.size, log.epoch) = (size, epoch);
        log.bases.push(size);
        emit HeadDisowned(logId, epoch, size, oldSize);
    }

    /// @inheritdoc IUsageLedger
    function succeed(bytes32 logId, bytes32 newPublicKey) external onlyAdmin {
        Log storage log = _log(logId);
        for (uint256 i = 0; i < log.keys.length; ++i) {
            if (log.keys[i] == newPublicKey) revert LogKeyUsedBefore(newPublicKey);
        }
        _addKey(log, newPublicKey);
        emit LogSucceeded(logId, log.size, newPublicKey);
    }

    /// @inheritdoc IUsageLedger
    function registry() external view returns (ISealRegistry) {
        return _registry;
    }

    /// @inheritdoc IUsageLedger
    function head(bytes32 logId) external view returns (uint64 size, bytes32 root) {
        Log storage log = _logs[logId];
        size = log.size;
        root = _headRoot(log, size);
    }

    /// @inheritdoc IUsageLedger
    function rootAt(bytes32 logId, uint64 size) external view returns (bytes32) {
        return _rootInForce(_logs[logId], _logs[logId].epoch, size);
    }

    /// @inheritdoc IUsageLedger
    function rootIn(bytes32 logId, uint64 epoch, uint64 size) external view returns (bytes32) {
        return _logs[logId].roots[_place(epoch, size)];
    }

    /// @inheritdoc IUsageLedger
    function epochsOf(bytes32 logId) external view returns (uint64[] memory) {
        return _logs[logId].bases;
    }

    /// @inheritdoc IUsageLedger
    function logIdOf(bytes32 issuer) external view returns (bytes32) {
        return _logIds[issuer];
    }

    /// @inheritdoc IUsageLedger
    function logOf(bytes32 logId) external view returns (bytes32 issuer, bytes32 publicKey, uint64 epoch) {
        Log storage log = _logs[logId];
        uint256 count = log.keys.length;
        return (log.issuer, count == 0 ? bytes32(0) : log.keys[count - 1], log.epoch);
    }

    /// @inheritdoc IUsageLedger
    function keysOf(bytes32 logId) external view returns (uint64[] memory fromSizes, bytes32[] memory keys) {
        Log storage log = _logs[logId];
        return (log.keyFromSizes, log.keys);
    }

    /// @inheritdoc IUsageLedger
    function verifyInclusion(bytes32 logId, uint64 size, uint64 index, bytes32 leafHash, bytes32[] calldata proof)
        external
        view
        returns (bool)
    {
        bytes32 root = _rootInForce(_logs[logId], _logs[logId].epoch, size);
        return root != 0 && Rfc9162.includes(leafHash, index, size, root, proof);
    }

    function _addKey(Log storage log, bytes32 publicKey) private {
        log.keyFromSizes.push(log.size);
        log.keys.push(publicKey);
    }

    function _requireOperator(bytes32 issuer) private view {
        if (!_registry.isOperator(issuer, msg.sender)) revert NotOperator(issuer, msg.sender);
    }

    function _requireAdmin() private view {
        if (IAccessControlDefaultAdminRules(address(_registry)).defaultAdmin() != msg.sender) {
            revert NotAdmin(msg.sender);
        }
    }

    function _log(bytes32 logId) private view returns (Log storage log) {
        log = _logs[logId];
        if (log.issuer == 0) revert UnknownLog(logId);
    }

    function _headRoot(Log storage log, uint64 size) private view returns (bytes32) {
        return size == 0 ? Rfc9162.EMPTY_ROOT : _rootInForce(log, log.epoch, size);
    }

    /// @dev From the newest epoch back, as far as no epoch on the way began below `size`.
    function _rootInForce(Log storage log, uint64 epoch, uint64 size) private view returns (bytes32 root) {
        root = log.roots[_place(epoch, size)];
        while (root == 0 && epoch != 0 && size <= log.bases[epoch]) {
            root = log.roots[_place(--epoch, size)];
        }
    }

    function _place(uint64 epoch, uint64 size) private pure returns (uint256) {
        return uint256(epoch) << 64 | size;
    }
}
