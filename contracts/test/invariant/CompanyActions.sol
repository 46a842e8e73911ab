// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICompanies} from "../../interfaces/ICompanies.sol";
import {Naming} from "../Naming.sol";
import {Signing} from "../Signing.sol";
import {vm} from "../Vm.sol";
import {Permissions} from "./Permissions.sol";

/// @dev Roots, schemes, authorities with their keys, and the companies they name.
contract CompanyActions is Permissions {
    struct Company {
        bytes32 vrfKey;
        bytes32 foundersHash;
        address foundersAccount;
        uint64 registeredAt;
    }

    struct Key {
        bytes32 authority;
        uint64 from;
        uint64 until;
    }

    struct Span {
        uint64 from;
        uint64 until;
    }

    uint256 public constant COMPANIES = 4;
    uint256 public constant KEYS = 4;
    uint256 public constant ROOTS = 1;
    uint256 private constant AUTHORITIES = 2;
    uint256 private constant SECRETS = 3;

    mapping(bytes32 subject => Company) private _companies;
    mapping(bytes32 vrfKey => Key) private _keys;
    mapping(bytes32 scheme => bytes32) public schemeAuthority;
    mapping(bytes32 issuer => mapping(bytes32 rootHash => Span)) private _roots;
    /// Which secret signs for an authority; zero: none.
    mapping(bytes32 authority => uint256) private _secrets;

    constructor() {
        _setAccount(admin, authority(0), 1);
        _addKey(admin, authority(0), vrfKey(0));
        _registerCompany(0, 1);
    }

    /// Acts of the admin about names, by somebody: one entry for all.
    function administerNames(uint256 seed) external seeded(seed) {
        uint256 act = _pick(4);
        if (act == 0) _addKey(_adminOrAny(), authority(_pick(AUTHORITIES)), vrfKey(_pick(KEYS)));
        else if (act == 1) _endKey();
        else if (act == 2) _setAccount(_adminOrAny(), authority(_pick(AUTHORITIES)), _pick(SECRETS + 1));
        else _setScheme();
    }

    function administerRoots(uint256 seed) external seeded(seed) {
        if (_pick(2) == 0) _addRoot();
        else _endRoot();
    }

    function registerCompany(uint256 seed) external seeded(seed) {
        uint256 index = _pick(COMPANIES);
        bytes32 owner = _keys[_keyOf(index)].authority;
        uint256 secret = _pick(3) == 0 ? 1 + _pick(SECRETS) : _secrets[owner];
        _registerCompany(index, secret == 0 ? 1 : secret);
    }

    function changeFounders(uint256 seed) external seeded(seed) {
        bytes32 name = subject(_pick(COMPANIES));
        Company storage company = _companies[name];
        address who = _pick(2) == 0 ? company.foundersAccount : _account();
        bool allowed = company.registeredAt != 0 && (who == company.foundersAccount || isRegulator[who]);
        (bytes32 hash, address account_) = (keccak256(abi.encode(seed)), _account());
        bytes memory data = abi.encodeCall(registry.changeFounders, (name, hash, account_));
        if (_try(address(registry), who, data, allowed)) {
            (company.foundersHash, company.foundersAccount) = (hash, account_);
        }
    }

    /// Every output is named under two keys: neither registration stands in the way of the other.
    function subject(uint256 index) public pure returns (bytes32) {
        return Naming.subject(_keyOf(index), _output(index));
    }

    function authority(uint256 index) public pure returns (bytes32) {
        return keccak256(abi.encode("authority", index));
    }

    function vrfKey(uint256 index) public pure returns (bytes32) {
        return keccak256(abi.encode("key", index));
    }

    function rootHash(uint256 index) public pure returns (bytes32) {
        return keccak256(abi.encode("root", index));
    }

    function isCompany(bytes32 name) public view returns (bool) {
        return _companies[name].registeredAt != 0;
    }

    function companyOf(bytes32 name) external view returns (Company memory) {
        return _companies[name];
    }

    function keyOf(bytes32 key) external view returns (Key memory) {
        return _keys[key];
    }

    function rootOf(bytes32 id, bytes32 root) external view returns (Span memory) {
        return _roots[id][root];
    }

    /// @dev A company on record if that is easily found.
    function _companyOrAny() internal returns (bytes32 name) {
        for (uint256 i = 0; i < COMPANIES; ++i) {
            name = subject(_pick(COMPANIES));
            if (isCompany(name)) break;
        }
    }

    function _keyOf(uint256 index) private pure returns (bytes32) {
        return vrfKey(index % 2);
    }

    function _output(uint256 index) private pure returns (bytes32) {
        return keccak256(abi.encode("output", index / 2));
    }

    function _registerCompany(uint256 index, uint256 secret) private {
        (bytes32 name, bytes32 key) = (subject(index), _keyOf(index));
        ICompanies.NewCompany[] memory added = new ICompanies.NewCompany[](1);
        bytes[] memory signatures = new bytes[](1);
        added[0] = ICompanies.NewCompany(_output(index), key, keccak256("founders"), _account());
        signatures[0] = Signing.company(address(registry), added[0], secret);
        bool inForce = _keys[key].from != 0 && _keys[key].until == 0;
        bool allowed = inForce && !isCompany(name) && _secrets[_keys[key].authority] == secret;
        bytes memory data = abi.encodeCall(registry.registerCompanies, (added, signatures));
        if (_try(address(registry), _account(), data, allowed)) {
            _companies[name] = Company(key, added[0].foundersHash, added[0].foundersAccount, uint64(block.timestamp));
        }
    }

    function _addKey(address who, bytes32 owner, bytes32 key) private {
        bool allowed = who == admin && _keys[key].from == 0;
        bytes memory data = abi.encodeCall(registry.addAuthorityKey, (owner, key, keccak256("attests")));
        if (_try(address(registry), who, data, allowed)) _keys[key] = Key(owner, uint64(block.timestamp), 0);
    }

    /// Rare, or soon no key is left.
    function _endKey() private {
        (address who, bytes32 key) = (_pick(3) == 0 ? admin : _account(), vrfKey(_pick(KEYS)));
        bool allowed = who == admin && _keys[key].from != 0 && _keys[key].until == 0;
        bytes memory data = abi.encodeCall(registry.endAuthorityKey, (key));
        if (_try(address(registry), who, data, allowed)) _keys[key].until = uint64(block.timestamp);
    }

    function _setAccount(address who, bytes32 owner, uint256 secret) private {
        address signer = secret == 0 ? address(0) : vm.addr(secret);
        bytes memory data = abi.encodeCall(registry.setAuthorityAccount, (owner, signer));
        if (_try(address(registry), who, data, who == admin)) _secrets[owner] = secret;
    }

    function _setScheme() private {
        (address who, bytes32 owner) = (_adminOrAny(), authority(_pick(AUTHORITIES)));
        bytes32[] memory schemes = new bytes32[](1);
        schemes[0] = bytes32(_pick(2));
        bool allowed = who == admin && schemeAuthority[schemes[0]] == 0;
        bytes memory data = abi.encodeCall(registry.setSchemes, (schemes, owner));
        if (_try(address(registry), who, data, allowed)) schemeAuthority[schemes[0]] = owner;
    }

    function _addRoot() private {
        (address who, bytes32 id, bytes32 root) = (_adminOrAny(), _issuer(), rootHash(_pick(ROOTS)));
        bool allowed = who == admin && isAdmitted[id] && !isRetired[id] && _roots[id][root].from == 0;
        bytes memory data = abi.encodeCall(registry.addRoot, (id, root));
        if (_try(address(registry), who, data, allowed)) _roots[id][root].from = uint64(block.timestamp);
    }

    function _endRoot() private {
        (address who, bytes32 id, bytes32 root) = (_adminOrAny(), _issuer(), rootHash(_pick(ROOTS)));
        Span storage span = _roots[id][root];
        bool allowed = who == admin && span.from != 0 && span.until == 0;
        bytes memory data = abi.encodeCall(registry.endRoot, (id, root));
        if (_try(address(registry), who, data, allowed)) span.until = uint64(block.timestamp);
    }
}
