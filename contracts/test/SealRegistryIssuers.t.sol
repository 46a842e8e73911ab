// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {
    IAccessControlDefaultAdminRules
} from "@openzeppelin/contracts/access/extensions/IAccessControlDefaultAdminRules.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

import {ISealRegistry} from "../interfaces/ISealRegistry.sol";
import {Fixture} from "./Fixture.sol";
import {vm} from "./Vm.sol";

abstract contract IssuerFixture is Fixture {
    bytes32 internal constant OTHER = keccak256("other issuer");

    /// @dev Expects the next call to be refused because its sender is not the default admin.
    function _expectNotAdmin(address sender) internal {
        vm.expectRevert(
            abi.encodeWithSelector(IAccessControl.AccessControlUnauthorizedAccount.selector, sender, bytes32(0))
        );
        vm.prank(sender);
    }
}

contract SealRegistryAdminTest is IssuerFixture {
    function test_constructor() public view {
        vm.assertEq(registry.defaultAdmin(), ADMIN);
        vm.assertEq(registry.defaultAdminDelay(), ADMIN_DELAY);
    }

    function test_adminChangesHandsOnlyAfterTheDelay() public {
        vm.prank(ADMIN);
        registry.beginDefaultAdminTransfer(STRANGER);
        vm.warp(START + ADMIN_DELAY);
        vm.expectRevert(
            abi.encodeWithSelector(
                IAccessControlDefaultAdminRules.AccessControlEnforcedDefaultAdminDelay.selector, START + ADMIN_DELAY
            )
        );
        vm.prank(STRANGER);
        registry.acceptDefaultAdminTransfer();
        vm.warp(START + ADMIN_DELAY + 1);
        vm.prank(STRANGER);
        registry.acceptDefaultAdminTransfer();
        _expectNotAdmin(ADMIN);
        registry.admitIssuer(OTHER, OPERATOR);
    }

    function test_onlyTheAdminNamesRegulators() public {
        bytes32 role = registry.REGULATOR_ROLE();
        _expectNotAdmin(REGULATOR);
        registry.grantRole(role, STRANGER);
        _expectNotAdmin(OPERATOR);
        registry.revokeRole(role, REGULATOR);
    }

    function test_supportsInterface() public view {
        vm.assertTrue(registry.supportsInterface(type(ISealRegistry).interfaceId), "ISealRegistry");
        vm.assertTrue(registry.supportsInterface(type(IAccessControl).interfaceId), "IAccessControl");
        vm.assertTrue(registry.supportsInterface(type(IERC165).interfaceId), "IERC165");
        vm.assertFalse(registry.supportsInterface(0xffffffff), "the invalid interface");
    }
}

contract SealRegistryAdmitIssuerTest is IssuerFixture {
    function test_admits() public {
        vm.expectEmit();
        emit ISealRegistry.IssuerAdmitted(OTHER);
        vm.expectEmit();
        emit ISealRegistry.OperatorAdded(OTHER, STRANGER);
        vm.prank(ADMIN);
        registry.admitIssuer(OTHER, STRANGER);
        vm.assertTrue(registry.isOperator(OTHER, STRANGER), "its operator");
        vm.assertFalse(registry.isOperator(ISSUER, STRANGER), "another issuer's");
    }

    function test_refusesTwice() public {
        vm.expectRevert(abi.encodeWithSelector(ISealRegistry.IssuerAlreadyAdmitted.selector, ISSUER));
        vm.prank(ADMIN);
        registry.admitIssuer(ISSUER, STRANGER);
    }

    function test_refusesRetired() public {
        vm.prank(ADMIN);
        registry.retireIssuer(ISSUER);
        vm.expectRevert(abi.encodeWithSelector(ISealRegistry.IssuerAlreadyAdmitted.selector, ISSUER));
        vm.prank(ADMIN);
        registry.admitIssuer(ISSUER, OPERATOR);
    }

    function test_refusesZero() public {
        vm.expectRevert(abi.encodeWithSelector(ISealRegistry.ZeroIssuer.selector));
        vm.prank(ADMIN);
        registry.admitIssuer(0, OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(ISealRegistry.ZeroOperator.selector));
        vm.prank(ADMIN);
        registry.admitIssuer(OTHER, address(0));
    }

    function testFuzz_refusesAllButTheAdmin(address sender) public {
        vm.assume(sender != ADMIN);
        _expectNotAdmin(sender);
        registry.admitIssuer(OTHER, sender);
    }
}

contract SealRegistryRetireIssuerTest is IssuerFixture {
    function test_retires() public {
        vm.prank(ADMIN);
        registry.addOperator(ISSUER, STRANGER);
        vm.expectEmit();
        emit ISealRegistry.IssuerRetired(ISSUER);
        vm.prank(ADMIN);
        registry.retireIssuer(ISSUER);
        vm.assertFalse(registry.isOperator(ISSUER, OPERATOR), "first operator");
        vm.assertFalse(registry.isOperator(ISSUER, STRANGER), "second operator");
        vm.assertEq(registry.operatorsOf(ISSUER).length, 0);
    }

    function test_refusesUnknownAndRetired() public {
        _refuses(OTHER);
        vm.prank(ADMIN);
        registry.retireIssuer(ISSUER);
        _refuses(ISSUER);
    }

    function testFuzz_refusesAllButTheAdmin(address sender) public {
        vm.assume(sender != ADMIN);
        _expectNotAdmin(sender);
        registry.retireIssuer(ISSUER);
    }

    function _refuses(bytes32 issuer) private {
        vm.expectRevert(abi.encodeWithSelector(ISealRegistry.IssuerNotAdmitted.selector, issuer));
        vm.prank(ADMIN);
        registry.retireIssuer(issuer);
    }
}

contract SealRegistryOperatorTest is IssuerFixture {
    function test_adds() public {
        vm.expectEmit();
        emit ISealRegistry.OperatorAdded(ISSUER, STRANGER);
        _add(ISSUER, STRANGER);
        vm.assertTrue(registry.isOperator(ISSUER, STRANGER), "added");
        vm.assertTrue(registry.isOperator(ISSUER, OPERATOR), "the first stays");
        vm.assertEq(registry.operatorsOf(ISSUER).length, 2);
        vm.assertEq(registry.operatorsOf(ISSUER)[1], STRANGER);
    }

    function test_removes() public {
        vm.expectEmit();
        emit ISealRegistry.OperatorRemoved(ISSUER, OPERATOR);
        vm.prank(ADMIN);
        registry.removeOperator(ISSUER, OPERATOR);
        vm.assertFalse(registry.isOperator(ISSUER, OPERATOR), "removed");
        vm.assertEq(registry.operatorsOf(ISSUER).length, 0);
    }

    function test_addRefusesUnknownAndRetiredIssuer() public {
        vm.expectRevert(abi.encodeWithSelector(ISealRegistry.IssuerNotAdmitted.selector, OTHER));
        _add(OTHER, STRANGER);
        vm.prank(ADMIN);
        registry.retireIssuer(ISSUER);
        vm.expectRevert(abi.encodeWithSelector(ISealRegistry.IssuerNotAdmitted.selector, ISSUER));
        _add(ISSUER, STRANGER);
    }

    function test_addRefusesTwice() public {
        vm.expectRevert(abi.encodeWithSelector(ISealRegistry.AlreadyOperator.selector, ISSUER, OPERATOR));
        _add(ISSUER, OPERATOR);
    }

    function test_addRefusesZero() public {
        vm.expectRevert(abi.encodeWithSelector(ISealRegistry.ZeroOperator.selector));
        _add(ISSUER, address(0));
    }

    function test_addRefusesTheSixtyFifth() public {
        for (uint160 i = 1; i < 64; ++i) {
            _add(ISSUER, address(0xB00 + i));
        }
        vm.expectRevert(abi.encodeWithSelector(ISealRegistry.TooManyOperators.selector, ISSUER));
        _add(ISSUER, STRANGER);
        vm.prank(ADMIN);
        registry.retireIssuer(ISSUER);
        vm.assertFalse(registry.isOperator(ISSUER, address(0xB01)), "retired with all its operators");
    }

    function test_removeRefusesWhoIsNone() public {
        vm.expectRevert(abi.encodeWithSelector(ISealRegistry.NotOperator.selector, ISSUER, STRANGER));
        vm.prank(ADMIN);
        registry.removeOperator(ISSUER, STRANGER);
    }

    function testFuzz_refusesAllButTheAdmin(address sender) public {
        vm.assume(sender != ADMIN);
        _expectNotAdmin(sender);
        registry.addOperator(ISSUER, sender);
        _expectNotAdmin(sender);
        registry.removeOperator(ISSUER, OPERATOR);
    }

    function _add(bytes32 issuer, address account) private {
        vm.prank(ADMIN);
        registry.addOperator(issuer, account);
    }
}
