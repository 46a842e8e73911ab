// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SealRegistry} from "../../SealRegistry.sol";
import {vm} from "../Vm.sol";

/// @dev Who may do what, twice: in the registry, and in a model that only the administrator's acts change. Everybody
/// tries everything. The model decides by its own rules what must succeed; a call it forbids may be tried, but leaves
/// the model as it is, so that a contract which lets it pass no longer agrees with the model.
abstract contract Permissions {
    /// A call the model allows was refused.
    error Refused(address who, bytes data);

    uint256 internal constant ISSUERS = 3;
    uint256 internal constant ACCOUNTS = 7;
    uint48 internal constant ADMIN_DELAY = 1 days;

    SealRegistry public immutable registry;
    bytes32 internal immutable _regulatorRole;

    address public admin;
    address private _heir;
    uint256 private _heirFrom;
    mapping(address account => bool) public isRegulator;
    mapping(bytes32 issuer => mapping(address account => bool)) public isOperator;
    mapping(bytes32 issuer => bool) public isAdmitted;
    mapping(bytes32 issuer => bool) public isRetired;
    /// Calls that succeeded although the model forbids them.
    uint256 public trespasses;

    bytes32 private _entropy;

    modifier seeded(uint256 seed) {
        _entropy = keccak256(abi.encode(_entropy, seed));
        _;
    }

    constructor() {
        admin = account(0);
        registry = new SealRegistry(ADMIN_DELAY, admin);
        _regulatorRole = registry.REGULATOR_ROLE();
        _grant(admin, account(1));
        _admit(admin, issuer(0), account(2));
        _admit(admin, issuer(1), account(3));
    }

    /// One of the acts that make and unmake permissions, by somebody: one entry for all, so that they do not crowd out
    /// what the permissions are for.
    function administer(uint256 seed) external seeded(seed) {
        uint256 act = _pick(10);
        if (act == 0) _admit(_adminOrAny(), _issuer(), _account());
        else if (act == 1) _retireIssuer();
        else if (act == 2) _addOperator();
        else if (act == 3) _removeOperator();
        else if (act == 4) _grant(_adminOrAny(), _account());
        else if (act == 5) _withdrawRegulator();
        else if (act == 6) _renounceRegulator();
        else if (act == 7) _grantAdmin();
        else if (act == 8) _beginAdminTransfer();
        else _acceptAdminTransfer();
    }

    function passTime(uint256 seed) external seeded(seed) {
        vm.warp(block.timestamp + 1 + _pick(_pick(2) == 0 ? 10 : 2 days));
        _afterTime();
    }

    function issuer(uint256 index) public pure returns (bytes32) {
        return keccak256(abi.encode("issuer", index));
    }

    function account(uint256 index) public pure returns (address) {
        return address(uint160(0xA1 + index));
    }

    /// @dev Calls as `who`. What the model allows must succeed; returns whether the model allows it.
    function _try(address target, address who, bytes memory data, bool allowed) internal returns (bool) {
        vm.prank(who);
        (bool done,) = target.call(data);
        if (allowed && !done) revert Refused(who, data);
        if (done && !allowed) ++trespasses;
        return allowed;
    }

    function _afterRetirement(bytes32 id) internal virtual {}

    function _afterTime() internal virtual {}

    function _pick(uint256 count) internal returns (uint256) {
        _entropy = keccak256(abi.encode(_entropy));
        return uint256(_entropy) % count;
    }

    function _account() internal returns (address) {
        return account(_pick(ACCOUNTS));
    }

    function _issuer() internal returns (bytes32) {
        return issuer(_pick(ISSUERS));
    }

    /// @dev An operator of the issuer if that is easily found, so that enough succeeds; else anybody.
    function _operatorOrAny(bytes32 id) internal returns (address who) {
        bool wanted = _pick(4) != 0;
        for (uint256 i = 0; i < ACCOUNTS; ++i) {
            who = _account();
            if (!wanted || isOperator[id][who]) break;
        }
    }

    /// Rare, or soon no issuer is left that could do anything.
    function _retireIssuer() private {
        (address who, bytes32 id) = (_pick(8) == 0 ? admin : _account(), _issuer());
        bool allowed = who == admin && isAdmitted[id] && !isRetired[id];
        if (!_try(address(registry), who, abi.encodeCall(registry.retireIssuer, (id)), allowed)) return;
        isRetired[id] = true;
        for (uint256 i = 0; i < ACCOUNTS; ++i) {
            isOperator[id][account(i)] = false;
        }
        _afterRetirement(id);
    }

    function _addOperator() private {
        (address who, bytes32 id, address added) = (_adminOrAny(), _issuer(), _account());
        bool allowed = who == admin && isAdmitted[id] && !isRetired[id] && !isOperator[id][added];
        bytes memory data = abi.encodeCall(registry.addOperator, (id, added));
        if (_try(address(registry), who, data, allowed)) isOperator[id][added] = true;
    }

    function _removeOperator() private {
        (address who, bytes32 id, address removed) = (_adminOrAny(), _issuer(), _account());
        bool allowed = who == admin && isOperator[id][removed];
        bytes memory data = abi.encodeCall(registry.removeOperator, (id, removed));
        if (_try(address(registry), who, data, allowed)) isOperator[id][removed] = false;
    }

    function _withdrawRegulator() private {
        (address who, address from) = (_adminOrAny(), _account());
        bytes memory data = abi.encodeCall(registry.revokeRole, (_regulatorRole, from));
        if (_try(address(registry), who, data, who == admin)) isRegulator[from] = false;
    }

    /// Giving up one's own role is nobody's rise; giving up another's must fail.
    function _renounceRegulator() private {
        (address who, address from) = (_account(), _account());
        bytes memory data = abi.encodeCall(registry.renounceRole, (_regulatorRole, from));
        if (_try(address(registry), who, data, who == from)) isRegulator[from] = false;
    }

    /// There is one administrator, and the role cannot be granted, not even by him.
    function _grantAdmin() private {
        bytes memory data = abi.encodeCall(registry.grantRole, (registry.DEFAULT_ADMIN_ROLE(), _account()));
        _try(address(registry), _adminOrAny(), data, false);
    }

    function _beginAdminTransfer() private {
        (address who, address heir) = (_adminOrAny(), _account());
        bytes memory data = abi.encodeCall(registry.beginDefaultAdminTransfer, (heir));
        if (_try(address(registry), who, data, who == admin)) {
            (_heir, _heirFrom) = (heir, block.timestamp + ADMIN_DELAY);
        }
    }

    function _acceptAdminTransfer() private {
        address who = _heir != address(0) && _pick(2) == 0 ? _heir : _account();
        bool allowed = who == _heir && block.timestamp > _heirFrom;
        bytes memory data = abi.encodeCall(registry.acceptDefaultAdminTransfer, ());
        if (_try(address(registry), who, data, allowed)) (admin, _heir) = (who, address(0));
    }

    function _adminOrAny() internal returns (address) {
        return _pick(2) == 0 ? admin : _account();
    }

    function _admit(address who, bytes32 id, address operator) private {
        bool allowed = who == admin && !isAdmitted[id];
        bytes memory data = abi.encodeCall(registry.admitIssuer, (id, operator));
        if (_try(address(registry), who, data, allowed)) (isAdmitted[id], isOperator[id][operator]) = (true, true);
    }

    function _grant(address who, address to) private {
        bytes memory data = abi.encodeCall(registry.grantRole, (_regulatorRole, to));
        if (_try(address(registry), who, data, who == admin)) isRegulator[to] = true;
    }
}

/// @dev What must hold of the registry's permissions whatever was tried.
abstract contract PermissionChecks {
    uint256 private constant ISSUERS = 3;
    uint256 private constant ACCOUNTS = 7;

    /// @dev Nobody gained a role, or became an operator, except by the administrator's act.
    function _checkPermissions(Permissions people) internal view {
        SealRegistry registry = people.registry();
        bytes32 regulatorRole = registry.REGULATOR_ROLE();
        vm.assertEq(registry.defaultAdmin(), people.admin());
        for (uint256 i = 0; i < ACCOUNTS; ++i) {
            address account = people.account(i);
            vm.assertEq(registry.hasRole(regulatorRole, account), people.isRegulator(account));
            vm.assertEq(registry.hasRole(registry.DEFAULT_ADMIN_ROLE(), account), account == people.admin());
        }
        for (uint256 i = 0; i < ISSUERS; ++i) {
            _checkOperators(people, registry, people.issuer(i));
        }
    }

    function _checkRetired(Permissions people) internal view {
        for (uint256 i = 0; i < ISSUERS; ++i) {
            bytes32 issuer = people.issuer(i);
            if (people.isRetired(issuer)) vm.assertEq(people.registry().operatorsOf(issuer).length, 0);
        }
    }

    function _checkOperators(Permissions people, SealRegistry registry, bytes32 issuer) private view {
        uint256 expected = 0;
        for (uint256 i = 0; i < ACCOUNTS; ++i) {
            address account = people.account(i);
            vm.assertEq(registry.isOperator(issuer, account), people.isOperator(issuer, account));
            if (people.isOperator(issuer, account)) ++expected;
        }
        vm.assertEq(registry.operatorsOf(issuer).length, expected);
    }
}
