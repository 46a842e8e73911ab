// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    AccessControlDefaultAdminRules
} from "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";

import {IAuthorities} from "../interfaces/IAuthorities.sol";
import {Period, Periods} from "../lib/Periods.sol";

/// @title Authorities
abstract contract Authorities is AccessControlDefaultAdminRules, IAuthorities {
    using Periods for Period;

    struct AuthorityKey {
        bytes32 authority;
        bytes32 attestKey;
        Period period;
    }

    mapping(bytes32 scheme => bytes32 authority) private _schemes;
    mapping(bytes32 authority => address) private _accounts;
    mapping(bytes32 vrfKey => AuthorityKey) private _keys;

    /// @inheritdoc IAuthorities
    function setSchemes(bytes32[] calldata schemes, bytes32 authority) external onlyRole(DEFAULT_ADMIN_ROLE) {
        if (authority == 0) revert ZeroAuthority();
        for (uint256 i = 0; i < schemes.length; ++i) {
            bytes32 scheme = schemes[i];
            if (_schemes[scheme] != 0) revert SchemeAlreadySet(scheme, _schemes[scheme]);
            _schemes[scheme] = authority;
            emit SchemeSet(scheme, authority);
        }
    }

    /// @inheritdoc IAuthorities
    function setAuthorityAccount(bytes32 authority, address account) external onlyRole(DEFAULT_ADMIN_ROLE) {
        if (authority == 0) revert ZeroAuthority();
        _accounts[authority] = account;
        emit AuthorityAccountSet(authority, account);
    }

    /// @inheritdoc IAuthorities
    function addAuthorityKey(bytes32 authority, bytes32 vrfKey, bytes32 attestKey)
        external
        onlyRole(DEFAULT_ADMIN_ROLE)
    {
        if (authority == 0) revert ZeroAuthority();
        AuthorityKey storage key = _keys[vrfKey];
        if (key.period.begun()) revert AuthorityKeyAlreadyAdded(vrfKey);
        (key.authority, key.attestKey) = (authority, attestKey);
        key.period.begin();
        emit AuthorityKeyAdded(authority, vrfKey, attestKey);
    }

    /// @inheritdoc IAuthorities
    function endAuthorityKey(bytes32 vrfKey) external onlyRole(DEFAULT_ADMIN_ROLE) {
        _requireKeyInForce(vrfKey);
        _keys[vrfKey].period.end();
        emit AuthorityKeyEnded(_keys[vrfKey].authority, vrfKey);
    }

    /// @inheritdoc IAuthorities
    function schemeAuthority(bytes32 scheme) external view returns (bytes32) {
        return _schemes[scheme];
    }

    /// @inheritdoc IAuthorities
    function authorityAccount(bytes32 authority) external view returns (address) {
        return _accounts[authority];
    }

    /// @inheritdoc IAuthorities
    function authorityKey(bytes32 vrfKey)
        external
        view
        returns (bytes32 authority, bytes32 attestKey, Period memory period)
    {
        AuthorityKey storage key = _keys[vrfKey];
        return (key.authority, key.attestKey, key.period);
    }

    function _requireKeyInForce(bytes32 vrfKey) internal view {
        if (!_keys[vrfKey].period.isOpen()) revert AuthorityKeyNotInForce(vrfKey);
    }

    /// @dev Whose a key is, and the account that signs for it now.
    function _authorityOf(bytes32 vrfKey) internal view returns (bytes32 authority, address account) {
        authority = _keys[vrfKey].authority;
        account = _accounts[authority];
    }
}
