// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    AccessControlDefaultAdminRules
} from "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";
import {EnumerableSet} from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";

import {IIssuers} from "../interfaces/IIssuers.sol";
import {Period, Periods} from "../lib/Periods.sol";

/// @title Issuers
abstract contract Issuers is AccessControlDefaultAdminRules, IIssuers {
    using EnumerableSet for EnumerableSet.AddressSet;
    using Periods for Period;

    /// Most operators of one issuer: bounds what its retirement costs. One per machine that anchors is plenty.
    uint256 private constant MAX_OPERATORS = 64;

    /// From an issuer's admission to its retirement.
    mapping(bytes32 issuer => Period) private _admissions;
    /// Empty for a retired issuer, so that asking for an operator, as every advance of a log does, reads one slot only.
    mapping(bytes32 issuer => EnumerableSet.AddressSet) private _operators;
    mapping(bytes32 issuer => bytes32[]) private _roots;
    mapping(bytes32 issuer => mapping(bytes32 rootHash => Period)) private _rootPeriods;

    /// @inheritdoc IIssuers
    function admitIssuer(bytes32 issuer, address operator) external onlyRole(DEFAULT_ADMIN_ROLE) {
        if (issuer == 0) revert ZeroIssuer();
        if (_admissions[issuer].begun()) revert IssuerAlreadyAdmitted(issuer);
        _admissions[issuer].begin();
        emit IssuerAdmitted(issuer);
        _addOperator(issuer, operator);
    }

    /// @inheritdoc IIssuers
    function retireIssuer(bytes32 issuer) external onlyRole(DEFAULT_ADMIN_ROLE) {
        _requireAdmitted(issuer);
        _admissions[issuer].end();
        _operators[issuer].clear();
        emit IssuerRetired(issuer);
    }

    /// @inheritdoc IIssuers
    function addOperator(bytes32 issuer, address account) external onlyRole(DEFAULT_ADMIN_ROLE) {
        _requireAdmitted(issuer);
        _addOperator(issuer, account);
    }

    /// @inheritdoc IIssuers
    function removeOperator(bytes32 issuer, address account) external onlyRole(DEFAULT_ADMIN_ROLE) {
        if (!_operators[issuer].remove(account)) revert NotOperator(issuer, account);
        emit OperatorRemoved(issuer, account);
    }

    /// @inheritdoc IIssuers
    function addRoot(bytes32 issuer, bytes32 rootHash) external onlyRole(DEFAULT_ADMIN_ROLE) {
        _requireAdmitted(issuer);
        Period storage period = _rootPeriods[issuer][rootHash];
        if (period.begun()) revert RootAlreadyAdded(issuer, rootHash);
        period.begin();
        _roots[issuer].push(rootHash);
        emit RootAdded(issuer, rootHash);
    }

    /// @inheritdoc IIssuers
    function endRoot(bytes32 issuer, bytes32 rootHash) external onlyRole(DEFAULT_ADMIN_ROLE) {
        Period storage period = _rootPeriods[issuer][rootHash];
        if (!period.isOpen()) revert RootNotInForce(issuer, rootHash);
        period.end();
        emit RootEnded(issuer, rootHash);
    }

    /// @inheritdoc IIssuers
    function issuerOf(bytes32 issuer) external view returns (uint64 admittedAt, uint64 retiredAt) {
        Period storage admission = _admissions[issuer];
        return (admission.from, admission.until);
    }

    /// @inheritdoc IIssuers
    function operatorsOf(bytes32 issuer) external view returns (address[] memory) {
        return _operators[issuer].values();
    }

    /// @inheritdoc IIssuers
    function rootPeriod(bytes32 issuer, bytes32 rootHash) external view returns (Period memory) {
        return _rootPeriods[issuer][rootHash];
    }

    /// @inheritdoc IIssuers
    function rootsOf(bytes32 issuer) external view returns (bytes32[] memory) {
        return _roots[issuer];
    }

    /// @inheritdoc IIssuers
    function isOperator(bytes32 issuer, address account) public view returns (bool) {
        return _operators[issuer].contains(account);
    }

    function _requireOperator(bytes32 issuer) internal view {
        if (!isOperator(issuer, msg.sender)) revert NotOperator(issuer, msg.sender);
    }

    /// @dev Zero: not retired.
    function _retiredAt(bytes32 issuer) internal view returns (uint64) {
        return _admissions[issuer].until;
    }

    function _addOperator(bytes32 issuer, address account) private {
        if (account == address(0)) revert ZeroOperator();
        if (!_operators[issuer].add(account)) revert AlreadyOperator(issuer, account);
        if (_operators[issuer].length() > MAX_OPERATORS) revert TooManyOperators(issuer);
        emit OperatorAdded(issuer, account);
    }

    function _requireAdmitted(bytes32 issuer) private view {
        if (!_admissions[issuer].isOpen()) revert IssuerNotAdmitted(issuer);
    }
}
