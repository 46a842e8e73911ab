// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";
import {
    IAccessControlDefaultAdminRules
} from "@openzeppelin/contracts/access/extensions/IAccessControlDefaultAdminRules.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

import {IAuthorities} from "../interfaces/IAuthorities.sol";
import {ICompanies} from "../interfaces/ICompanies.sol";
import {IIssuers} from "../interfaces/IIssuers.sol";
import {IOwnerStop} from "../interfaces/IOwnerStop.sol";
import {IRegulators} from "../interfaces/IRegulators.sol";
import {ISeals} from "../interfaces/ISeals.sol";
import {IStatuses} from "../interfaces/IStatuses.sol";
import {IVolumes} from "../interfaces/IVolumes.sol";
import {Period} from "../lib/Periods.sol";
import {Fixture} from "./Fixture.sol";
import {vm} from "./Vm.sol";

contract AdminTest is Fixture {
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
        bytes4[8] memory parts = [
            type(IRegulators).interfaceId,
            type(IIssuers).interfaceId,
            type(IAuthorities).interfaceId,
            type(ICompanies).interfaceId,
            type(IStatuses).interfaceId,
            type(IVolumes).interfaceId,
            type(IOwnerStop).interfaceId,
            type(ISeals).interfaceId
        ];
        for (uint256 i = 0; i < parts.length; ++i) {
            vm.assertTrue(registry.supportsInterface(parts[i]), "a part of ISealRegistry");
        }
        vm.assertTrue(registry.supportsInterface(type(IAccessControl).interfaceId), "IAccessControl");
        vm.assertTrue(registry.supportsInterface(type(IERC165).interfaceId), "IERC165");
        vm.assertFalse(registry.supportsInterface(0xffffffff), "the invalid interface");
    }
}

contract AdmitIssuerTest is Fixture {
    function test_admits() public {
        vm.expectEmit();
        emit IIssuers.IssuerAdmitted(OTHER);
        vm.expectEmit();
        emit IIssuers.OperatorAdded(OTHER, STRANGER);
        vm.prank(ADMIN);
        registry.admitIssuer(OTHER, STRANGER);
        vm.assertTrue(registry.isOperator(OTHER, STRANGER), "its operator");
        vm.assertFalse(registry.isOperator(ISSUER, STRANGER), "another issuer's");
    }

    function test_refusesTwice() public {
        vm.expectRevert(abi.encodeWithSelector(IIssuers.IssuerAlreadyAdmitted.selector, ISSUER));
        vm.prank(ADMIN);
        registry.admitIssuer(ISSUER, STRANGER);
    }

    function test_refusesRetired() public {
        vm.prank(ADMIN);
        registry.retireIssuer(ISSUER);
        vm.expectRevert(abi.encodeWithSelector(IIssuers.IssuerAlreadyAdmitted.selector, ISSUER));
        vm.prank(ADMIN);
        registry.admitIssuer(ISSUER, OPERATOR);
    }

    function test_refusesZero() public {
        vm.expectRevert(abi.encodeWithSelector(IIssuers.ZeroIssuer.selector));
        vm.prank(ADMIN);
        registry.admitIssuer(0, OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(IIssuers.ZeroOperator.selector));
        vm.prank(ADMIN);
        registry.admitIssuer(OTHER, address(0));
    }

    function testFuzz_refusesAllButTheAdmin(address sender) public {
        vm.assume(sender != ADMIN);
        _expectNotAdmin(sender);
        registry.admitIssuer(OTHER, sender);
    }
}

contract RetireIssuerTest is Fixture {
    function test_retires() public {
        vm.prank(ADMIN);
        registry.addOperator(ISSUER, STRANGER);
        vm.expectEmit();
        emit IIssuers.IssuerRetired(ISSUER);
        vm.prank(ADMIN);
        registry.retireIssuer(ISSUER);
        vm.assertFalse(registry.isOperator(ISSUER, OPERATOR), "first operator");
        vm.assertFalse(registry.isOperator(ISSUER, STRANGER), "second operator");
        vm.assertEq(registry.operatorsOf(ISSUER).length, 0);
    }

    function test_remembersWhen() public {
        (uint64 admittedAt, uint64 retiredAt) = registry.issuerOf(ISSUER);
        vm.assertEq(admittedAt, START);
        vm.assertEq(retiredAt, 0);
        vm.warp(START + 5);
        _retire();
        (admittedAt, retiredAt) = registry.issuerOf(ISSUER);
        vm.assertEq(admittedAt, START);
        vm.assertEq(retiredAt, START + 5);
        (admittedAt, retiredAt) = registry.issuerOf(OTHER);
        vm.assertEq(admittedAt + retiredAt, 0);
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
        vm.expectRevert(abi.encodeWithSelector(IIssuers.IssuerNotAdmitted.selector, issuer));
        vm.prank(ADMIN);
        registry.retireIssuer(issuer);
    }
}

contract OperatorTest is Fixture {
    function test_adds() public {
        vm.expectEmit();
        emit IIssuers.OperatorAdded(ISSUER, STRANGER);
        _add(ISSUER, STRANGER);
        vm.assertTrue(registry.isOperator(ISSUER, STRANGER), "added");
        vm.assertTrue(registry.isOperator(ISSUER, OPERATOR), "the first stays");
        vm.assertEq(registry.operatorsOf(ISSUER).length, 2);
        vm.assertEq(registry.operatorsOf(ISSUER)[1], STRANGER);
    }

    function test_removes() public {
        vm.expectEmit();
        emit IIssuers.OperatorRemoved(ISSUER, OPERATOR);
        vm.prank(ADMIN);
        registry.removeOperator(ISSUER, OPERATOR);
        vm.assertFalse(registry.isOperator(ISSUER, OPERATOR), "removed");
        vm.assertEq(registry.operatorsOf(ISSUER).length, 0);
    }

    function test_addRefusesUnknownAndRetiredIssuer() public {
        vm.expectRevert(abi.encodeWithSelector(IIssuers.IssuerNotAdmitted.selector, OTHER));
        _add(OTHER, STRANGER);
        vm.prank(ADMIN);
        registry.retireIssuer(ISSUER);
        vm.expectRevert(abi.encodeWithSelector(IIssuers.IssuerNotAdmitted.selector, ISSUER));
        _add(ISSUER, STRANGER);
    }

    function test_addRefusesTwice() public {
        vm.expectRevert(abi.encodeWithSelector(IIssuers.AlreadyOperator.selector, ISSUER, OPERATOR));
        _add(ISSUER, OPERATOR);
    }

    function test_addRefusesZero() public {
        vm.expectRevert(abi.encodeWithSelector(IIssuers.ZeroOperator.selector));
        _add(ISSUER, address(0));
    }

    function test_addRefusesTheSixtyFifth() public {
        for (uint160 i = 1; i < 64; ++i) {
            _add(ISSUER, address(0xB00 + i));
        }
        vm.expectRevert(abi.encodeWithSelector(IIssuers.TooManyOperators.selector, ISSUER));
        _add(ISSUER, STRANGER);
        vm.prank(ADMIN);
        registry.retireIssuer(ISSUER);
        vm.assertFalse(registry.isOperator(ISSUER, address(0xB01)), "retired with all its operators");
    }

    function test_removeRefusesWhoIsNone() public {
        vm.expectRevert(abi.encodeWithSelector(IIssuers.NotOperator.selector, ISSUER, STRANGER));
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

contract RootTest is Fixture {
    bytes32 private constant ROOT_HASH = keccak256("a root certificate");

    function test_begins() public {
        vm.expectEmit();
        emit IIssuers.RootAdded(ISSUER, ROOT_HASH);
        _add(ISSUER, ROOT_HASH);
        _assertPeriod(ISSUER, START, 0);
        _assertPeriod(OTHER, 0, 0);
        _add(ISSUER, HANDLE);
        bytes32[] memory roots = registry.rootsOf(ISSUER);
        vm.assertEq(roots.length, 2);
        vm.assertEq(roots[0], ROOT_HASH);
        vm.assertEq(roots[1], HANDLE);
        vm.assertEq(registry.rootsOf(OTHER).length, 0);
    }

    function test_ends() public {
        _add(ISSUER, ROOT_HASH);
        vm.warp(START + 7);
        vm.expectEmit();
        emit IIssuers.RootEnded(ISSUER, ROOT_HASH);
        _end(ISSUER, ROOT_HASH);
        _assertPeriod(ISSUER, START, START + 7);
        vm.assertEq(registry.rootsOf(ISSUER)[0], ROOT_HASH);
    }

    function test_endedNeverBeginsAgain() public {
        _add(ISSUER, ROOT_HASH);
        vm.warp(START + 7);
        _end(ISSUER, ROOT_HASH);
        vm.expectRevert(abi.encodeWithSelector(IIssuers.RootAlreadyAdded.selector, ISSUER, ROOT_HASH));
        _add(ISSUER, ROOT_HASH);
        _refusesEnd(ISSUER);
        _assertPeriod(ISSUER, START, START + 7);
    }

    function test_twoIssuersMayHaveOneRoot() public {
        _admitOther();
        _add(ISSUER, ROOT_HASH);
        vm.warp(START + 1);
        _add(OTHER, ROOT_HASH);
        _end(ISSUER, ROOT_HASH);
        _assertPeriod(ISSUER, START, START + 1);
        _assertPeriod(OTHER, START + 1, 0);
    }

    function test_addRefusesTwice() public {
        _add(ISSUER, ROOT_HASH);
        vm.expectRevert(abi.encodeWithSelector(IIssuers.RootAlreadyAdded.selector, ISSUER, ROOT_HASH));
        _add(ISSUER, ROOT_HASH);
    }

    function test_endRefusesUnknown() public {
        _refusesEnd(ISSUER);
        _add(ISSUER, ROOT_HASH);
        _refusesEnd(OTHER);
    }

    function test_retiredIssuersRootsOnlyEnd() public {
        _add(ISSUER, ROOT_HASH);
        _retire();
        vm.expectRevert(abi.encodeWithSelector(IIssuers.IssuerNotAdmitted.selector, ISSUER));
        _add(ISSUER, HANDLE);
        _end(ISSUER, ROOT_HASH);
        _assertPeriod(ISSUER, START, START);
    }

    function testFuzz_refusesAllButTheAdmin(address sender) public {
        vm.assume(sender != ADMIN);
        _expectNotAdmin(sender);
        registry.addRoot(ISSUER, ROOT_HASH);
        _add(ISSUER, ROOT_HASH);
        _expectNotAdmin(sender);
        registry.endRoot(ISSUER, ROOT_HASH);
    }

    function _refusesEnd(bytes32 issuer) private {
        vm.expectRevert(abi.encodeWithSelector(IIssuers.RootNotInForce.selector, issuer, ROOT_HASH));
        _end(issuer, ROOT_HASH);
    }

    function _add(bytes32 issuer, bytes32 rootHash) private {
        vm.prank(ADMIN);
        registry.addRoot(issuer, rootHash);
    }

    function _end(bytes32 issuer, bytes32 rootHash) private {
        vm.prank(ADMIN);
        registry.endRoot(issuer, rootHash);
    }

    function _assertPeriod(bytes32 issuer, uint64 from, uint64 until) private view {
        Period memory period = registry.rootPeriod(issuer, ROOT_HASH);
        vm.assertEq(period.from, from);
        vm.assertEq(period.until, until);
    }
}
