// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";

import {SealRegistry} from "../SealRegistry.sol";
import {ICompanies} from "../interfaces/ICompanies.sol";
import {ISeals} from "../interfaces/ISeals.sol";
import {Naming} from "./Naming.sol";
import {Signing} from "./Signing.sol";
import {vm} from "./Vm.sol";

/// @dev A registry with one admitted issuer, an authority and one company, and the people around them.
abstract contract Fixture {
    uint48 internal constant ADMIN_DELAY = 1 days;
    uint64 internal constant START = 1_800_000_000;
    uint256 internal constant START_BLOCK = 1000;
    bytes32 internal constant ISSUER = keccak256("issuer");
    bytes32 internal constant OTHER = keccak256("other issuer");
    bytes32 internal constant AUTHORITY = keccak256("authority");
    bytes32 internal constant VRF_KEY = keccak256("a key of a random function");
    bytes32 internal constant COMPANY = keccak256("output for a company");
    bytes32 internal constant CERTIFICATE = keccak256("certificate");
    bytes32 internal constant SECOND_CERTIFICATE = keccak256("second certificate");
    bytes32 internal constant ROOT = keccak256("root of a volume");
    uint64 internal constant NOT_BEFORE = START - 1 hours;
    uint64 internal constant NOT_AFTER = START + 1095 days;
    uint8 internal constant DEPTH = 10;
    uint256 internal constant AUTHORITY_SECRET = 0xA17;

    address internal constant ADMIN = address(0xA1);
    address internal constant OPERATOR = address(0xA2);
    address internal constant REGULATOR = address(0xA3);
    address internal constant STRANGER = address(0xA4);
    address internal constant FOUNDERS = address(0xA5);

    /// No constants: in the arguments of a call, their hashing would be the call that `vm.prank` waits for.
    bytes32 internal immutable SUBJECT = Naming.subject(VRF_KEY, COMPANY);
    bytes32 internal immutable HANDLE = Naming.handle(ISSUER, CERTIFICATE);
    bytes32 internal immutable SECOND_HANDLE = Naming.handle(ISSUER, SECOND_CERTIFICATE);

    SealRegistry internal registry;

    function setUp() public virtual {
        vm.warp(START);
        vm.roll(START_BLOCK);
        registry = new SealRegistry(ADMIN_DELAY, ADMIN);
        bytes32 role = registry.REGULATOR_ROLE();
        vm.prank(ADMIN);
        registry.grantRole(role, REGULATOR);
        vm.prank(ADMIN);
        registry.admitIssuer(ISSUER, OPERATOR);
        vm.prank(ADMIN);
        registry.setAuthorityAccount(AUTHORITY, vm.addr(AUTHORITY_SECRET));
        vm.prank(ADMIN);
        registry.addAuthorityKey(AUTHORITY, VRF_KEY, keccak256("a key that attests"));
        _registerCompany(COMPANY);
    }

    /// @dev Expects the next call to be refused because its sender is not the default admin.
    function _expectNotAdmin(address sender) internal {
        vm.expectRevert(
            abi.encodeWithSelector(IAccessControl.AccessControlUnauthorizedAccount.selector, sender, bytes32(0))
        );
        vm.prank(sender);
    }

    function _company(bytes32 output) internal pure returns (ICompanies.NewCompany memory) {
        return ICompanies.NewCompany(output, VRF_KEY, keccak256("founders"), FOUNDERS);
    }

    function _registerCompany(bytes32 output) internal {
        ICompanies.NewCompany[] memory companies = new ICompanies.NewCompany[](1);
        bytes[] memory signatures = new bytes[](1);
        companies[0] = _company(output);
        signatures[0] = Signing.company(address(registry), companies[0], AUTHORITY_SECRET);
        registry.registerCompanies(companies, signatures);
    }

    function _seal(bytes32 certificate) internal view returns (ISeals.NewSeal memory) {
        return ISeals.NewSeal(certificate, SUBJECT, NOT_BEFORE, NOT_AFTER, DEPTH, ROOT, 0);
    }

    function _register(ISeals.NewSeal memory added) internal {
        ISeals.NewSeal[] memory seals = new ISeals.NewSeal[](1);
        seals[0] = added;
        vm.prank(OPERATOR);
        registry.registerSeals(ISSUER, seals);
    }

    function _register() internal {
        _register(_seal(CERTIFICATE));
    }

    function _retire() internal {
        vm.prank(ADMIN);
        registry.retireIssuer(ISSUER);
    }

    /// @dev Admits another issuer, whose operator is the stranger.
    function _admitOther() internal {
        vm.prank(ADMIN);
        registry.admitIssuer(OTHER, STRANGER);
    }
}
