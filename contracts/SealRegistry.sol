// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    AccessControlDefaultAdminRules
} from "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";
import {EnumerableSet} from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";

import {ISealRegistry} from "./interfaces/ISealRegistry.sol";

/// @title SealRegistry
contract SealRegistry is ISealRegistry, AccessControlDefaultAdminRules {
    using EnumerableSet for EnumerableSet.AddressSet;

    /// Most operators of one issuer: bounds what its retirement costs. One per machine that anchors is plenty.
    uint256 private constant MAX_OPERATORS = 64;

    /// @inheritdoc ISealRegistry
    bytes32 public constant REGULATOR_ROLE = keccak256("REGULATOR_ROLE");

    enum Admission {
        Never,
        Admitted,
        Retired
    }

    struct Seal {
        bytes32 issuer;
        uint64 notBefore;
        uint64 notAfter;
        uint64 registeredAt; // zero: not on record
    }

    /// One storage slot. Registration is not among a seal's changes: without any, it is active since `registeredAt`.
    struct Change {
        uint64 since;
        Status status;
        Reason reason;
        bool byRegulator;
    }

    mapping(bytes32 issuer => Admission) private _admissions;
    /// Empty for a retired issuer, so that asking for an operator, as every advance of a log does, reads one slot only.
    mapping(bytes32 issuer => EnumerableSet.AddressSet) private _operators;
    mapping(bytes32 handle => Seal) private _seals;
    mapping(bytes32 handle => Change[]) private _changes;

    /// @param initialDelay seconds before a transfer of the default admin can be accepted
    /// @param admin the default admin, who admits issuers and names regulators
    constructor(uint48 initialDelay, address admin) AccessControlDefaultAdminRules(initialDelay, admin) {}

    /// @inheritdoc ISealRegistry
    function admitIssuer(bytes32 issuer, address operator) external onlyRole(DEFAULT_ADMIN_ROLE) {
        if (issuer == 0) revert ZeroIssuer();
        if (_admissions[issuer] != Admission.Never) revert IssuerAlreadyAdmitted(issuer);
        _admissions[issuer] = Admission.Admitted;
        emit IssuerAdmitted(issuer);
        _addOperator(issuer, operator);
    }

    /// @inheritdoc ISealRegistry
    function retireIssuer(bytes32 issuer) external onlyRole(DEFAULT_ADMIN_ROLE) {
        _requireAdmitted(issuer);
        _admissions[issuer] = Admission.Retired;
        _operators[issuer].clear();
        emit IssuerRetired(issuer);
    }

    /// @inheritdoc ISealRegistry
    function addOperator(bytes32 issuer, address account) external onlyRole(DEFAULT_ADMIN_ROLE) {
        _requireAdmitted(issuer);
        _addOperator(issuer, account);
    }

    /// @inheritdoc ISealRegistry
    function removeOperator(bytes32 issuer, address account) external onlyRole(DEFAULT_ADMIN_ROLE) {
        if (!_operators[issuer].remove(account)) revert NotOperator(issuer, account);
        emit OperatorRemoved(issuer, account);
    }

    /// @inheritdoc ISealRegistry
    function registerSeals(
        bytes32 issuer,
        bytes32[] calldata handles,
        uint64[] calldata notBefore,
        uint64[] calldata notAfter
    ) external {
        if (!isOperator(issuer, msg.sender)) revert NotOperator(issuer, msg.sender);
        if (handles.length == 0) revert NoSeals();
        if (handles.length != notBefore.length || handles.length != notAfter.length) {
            revert LengthMismatch(handles.length, notBefore.length, notAfter.length);
        }
        for (uint256 i = 0; i < handles.length; ++i) {
            _register(handles[i], issuer, notBefore[i], notAfter[i]);
        }
    }

    /// @inheritdoc ISealRegistry
    function suspend(bytes32 handle, Reason reason) external {
        bool byRegulator = _authorise(handle);
        Change memory current = _latest(handle);
        if (current.status == Status.Suspended && (current.byRegulator || !byRegulator)) {
            revert SealAlreadySuspended(handle);
        }
        _change(handle, Status.Suspended, reason, byRegulator);
    }

    /// @inheritdoc ISealRegistry
    function resume(bytes32 handle, Reason reason) external {
        bool byRegulator = _authorise(handle);
        Change memory current = _latest(handle);
        if (current.status != Status.Suspended) revert SealNotSuspended(handle);
        if (current.byRegulator && !byRegulator) revert SuspendedByRegulator(handle);
        _change(handle, Status.Active, reason, byRegulator);
    }

    /// @inheritdoc ISealRegistry
    function revoke(bytes32 handle, Reason reason) external {
        bool byRegulator = _authorise(handle);
        if (reason == Reason.None) revert ReasonRequired();
        _change(handle, Status.Revoked, reason, byRegulator);
    }

    /// @inheritdoc ISealRegistry
    function statusAt(bytes32 handle, uint64 time) external view returns (Status status, Reason reason, uint64 since) {
        Seal storage seal = _seals[handle];
        (uint64 notBefore, uint64 notAfter) = (seal.notBefore, seal.notAfter);
        uint64 registeredAt = seal.registeredAt;
        if (registeredAt == 0 || time < registeredAt) return (Status.Unknown, Reason.None, 0);

        Change memory change = _changeBefore(handle, _countUntil(handle, time));
        if (change.status == Status.Revoked) return (Status.Revoked, change.reason, change.since);
        if (time < notBefore) return (Status.NotYetValid, Reason.None, registeredAt);
        if (time > notAfter) return (Status.Expired, Reason.None, _later(notAfter + 1, registeredAt));
        return (change.status, change.reason, _later(change.since, notBefore));
    }

    /// @inheritdoc ISealRegistry
    function sealOf(bytes32 handle)
        external
        view
        returns (bytes32 issuer, uint64 notBefore, uint64 notAfter, uint64 registeredAt)
    {
        Seal storage seal = _seals[handle];
        return (seal.issuer, seal.notBefore, seal.notAfter, seal.registeredAt);
    }

    /// @inheritdoc ISealRegistry
    function operatorsOf(bytes32 issuer) external view returns (address[] memory) {
        return _operators[issuer].values();
    }

    /// @inheritdoc ISealRegistry
    function isOperator(bytes32 issuer, address account) public view returns (bool) {
        return _operators[issuer].contains(account);
    }

    /// @notice ERC-165: also `ISealRegistry`.
    function supportsInterface(bytes4 interfaceId) public view override returns (bool) {
        return interfaceId == type(ISealRegistry).interfaceId || super.supportsInterface(interfaceId);
    }

    function _addOperator(bytes32 issuer, address account) private {
        if (account == address(0)) revert ZeroOperator();
        if (!_operators[issuer].add(account)) revert AlreadyOperator(issuer, account);
        if (_operators[issuer].length() > MAX_OPERATORS) revert TooManyOperators(issuer);
        emit OperatorAdded(issuer, account);
    }

    function _register(bytes32 handle, bytes32 issuer, uint64 notBefore, uint64 notAfter) private {
        if (notBefore > notAfter) revert InvalidValidity(handle, notBefore, notAfter);
        if (_seals[handle].registeredAt != 0) revert SealAlreadyRegistered(handle);
        _seals[handle] = Seal(issuer, notBefore, notAfter, uint64(block.timestamp));
        emit SealRegistered(handle, issuer, notBefore, notAfter);
    }

    function _change(bytes32 handle, Status status, Reason reason, bool byRegulator) private {
        _changes[handle].push(Change(uint64(block.timestamp), status, reason, byRegulator));
        emit SealStatusChanged(handle, status, reason);
    }

    function _requireAdmitted(bytes32 issuer) private view {
        if (_admissions[issuer] != Admission.Admitted) revert IssuerNotAdmitted(issuer);
    }

    /// @dev Reverts unless the caller may change the seal and the seal can still change; tells whether as a regulator.
    function _authorise(bytes32 handle) private view returns (bool byRegulator) {
        Seal storage seal = _seals[handle];
        if (seal.registeredAt == 0) revert UnknownSeal(handle);
        byRegulator = hasRole(REGULATOR_ROLE, msg.sender);
        if (!byRegulator && !isOperator(seal.issuer, msg.sender)) {
            revert NotOperatorOrRegulator(seal.issuer, msg.sender);
        }
        if (_latest(handle).status == Status.Revoked) revert SealIsRevoked(handle);
    }

    function _latest(bytes32 handle) private view returns (Change memory) {
        return _changeBefore(handle, _changes[handle].length);
    }

    /// @dev The last of a registered seal's first `count` changes, its registration if there are none.
    function _changeBefore(bytes32 handle, uint256 count) private view returns (Change memory) {
        if (count == 0) return Change(_seals[handle].registeredAt, Status.Active, Reason.None, false);
        return _changes[handle][count - 1];
    }

    /// @dev How many of a seal's changes were made up to and including `time`: binary search, as `since` never falls.
    function _countUntil(bytes32 handle, uint64 time) private view returns (uint256 low) {
        Change[] storage changes = _changes[handle];
        uint256 high = changes.length;
        while (low < high) {
            uint256 middle = (low + high) / 2;
            if (changes[middle].since <= time) low = middle + 1;
            else high = middle;
        }
    }

    function _later(uint64 a, uint64 b) private pure returns (uint64) {
        return a > b ? a : b;
    }
}
