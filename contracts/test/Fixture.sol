// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SealRegistry} from "../SealRegistry.sol";
import {vm} from "./Vm.sol";

/// @dev A registry with one admitted issuer, and the people around it.
abstract contract Fixture {
    uint48 internal constant ADMIN_DELAY = 1 days;
    uint64 internal constant START = 1_800_000_000;
    bytes32 internal constant ISSUER = keccak256("issuer");

    address internal constant ADMIN = address(0xA1);
    address internal constant OPERATOR = address(0xA2);
    address internal constant REGULATOR = address(0xA3);
    address internal constant STRANGER = address(0xA4);

    SealRegistry internal registry;

    function setUp() public virtual {
        vm.warp(START);
        registry = new SealRegistry(ADMIN_DELAY, ADMIN);
        bytes32 role = registry.REGULATOR_ROLE();
        vm.prank(ADMIN);
        registry.grantRole(role, REGULATOR);
        vm.prank(ADMIN);
        registry.admitIssuer(ISSUER, OPERATOR);
    }
}
