// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAuthorities} from "../interfaces/IAuthorities.sol";
import {Period} from "../lib/Periods.sol";
import {Fixture} from "./Fixture.sol";
import {vm} from "./Vm.sol";

contract SchemeTest is Fixture {
    bytes32 private constant SCHEME = keccak256("NTRCN");
    bytes32 private constant SECOND = keccak256("VATDE");

    function test_sets() public {
        vm.assertEq(registry.schemeAuthority(SCHEME), 0);
        vm.expectEmit();
        emit IAuthorities.SchemeSet(SCHEME, AUTHORITY);
        _set(SCHEME, AUTHORITY);
        vm.assertEq(registry.schemeAuthority(SCHEME), AUTHORITY);
        vm.assertEq(registry.schemeAuthority(SECOND), 0);
    }

    function test_setsManyAtOnce() public {
        vm.expectEmit();
        emit IAuthorities.SchemeSet(SCHEME, AUTHORITY);
        vm.expectEmit();
        emit IAuthorities.SchemeSet(SECOND, AUTHORITY);
        _setBoth(SCHEME, SECOND);
        vm.assertEq(registry.schemeAuthority(SCHEME), AUTHORITY);
        vm.assertEq(registry.schemeAuthority(SECOND), AUTHORITY);
    }

    function test_setsAllOrNone() public {
        _set(SECOND, OTHER);
        vm.expectRevert(abi.encodeWithSelector(IAuthorities.SchemeAlreadySet.selector, SECOND, OTHER));
        _setBoth(SCHEME, SECOND);
        vm.assertEq(registry.schemeAuthority(SCHEME), 0);
        vm.expectRevert(abi.encodeWithSelector(IAuthorities.SchemeAlreadySet.selector, SCHEME, AUTHORITY));
        _setBoth(SCHEME, SCHEME);
    }

    /// Another authority would take every company of the scheme out of the hands of the one that named it.
    function test_refusesAnotherAuthority() public {
        _set(SCHEME, AUTHORITY);
        vm.expectRevert(abi.encodeWithSelector(IAuthorities.SchemeAlreadySet.selector, SCHEME, AUTHORITY));
        _set(SCHEME, OTHER);
        vm.assertEq(registry.schemeAuthority(SCHEME), AUTHORITY);
    }

    function test_refusesZero() public {
        vm.expectRevert(abi.encodeWithSelector(IAuthorities.ZeroAuthority.selector));
        _set(SCHEME, 0);
    }

    function testFuzz_refusesAllButTheAdmin(address sender) public {
        vm.assume(sender != ADMIN);
        _expectNotAdmin(sender);
        registry.setSchemes(new bytes32[](1), AUTHORITY);
    }

    function _set(bytes32 scheme, bytes32 authority) private {
        bytes32[] memory schemes = new bytes32[](1);
        schemes[0] = scheme;
        vm.prank(ADMIN);
        registry.setSchemes(schemes, authority);
    }

    function _setBoth(bytes32 first, bytes32 second) private {
        bytes32[] memory schemes = new bytes32[](2);
        (schemes[0], schemes[1]) = (first, second);
        vm.prank(ADMIN);
        registry.setSchemes(schemes, AUTHORITY);
    }
}

contract AuthorityAccountTest is Fixture {
    function test_setsAndReplaces() public {
        vm.assertEq(registry.authorityAccount(OTHER), address(0));
        vm.expectEmit();
        emit IAuthorities.AuthorityAccountSet(OTHER, STRANGER);
        _set(OTHER, STRANGER);
        vm.assertEq(registry.authorityAccount(OTHER), STRANGER);
        _set(OTHER, address(0));
        vm.assertEq(registry.authorityAccount(OTHER), address(0));
    }

    function test_refusesZero() public {
        vm.expectRevert(abi.encodeWithSelector(IAuthorities.ZeroAuthority.selector));
        _set(0, STRANGER);
    }

    function testFuzz_refusesAllButTheAdmin(address sender) public {
        vm.assume(sender != ADMIN);
        _expectNotAdmin(sender);
        registry.setAuthorityAccount(AUTHORITY, sender);
    }

    function _set(bytes32 authority, address account) private {
        vm.prank(ADMIN);
        registry.setAuthorityAccount(authority, account);
    }
}

contract AuthorityKeyTest is Fixture {
    bytes32 private constant KEY = keccak256("another key");
    bytes32 private constant ATTEST = keccak256("its key that attests");

    function test_adds() public {
        _assertKey(0, 0, 0, 0);
        vm.expectEmit();
        emit IAuthorities.AuthorityKeyAdded(AUTHORITY, KEY, ATTEST);
        _add(AUTHORITY);
        _assertKey(AUTHORITY, ATTEST, START, 0);
    }

    function test_ends() public {
        _add(AUTHORITY);
        vm.warp(START + 9);
        vm.expectEmit();
        emit IAuthorities.AuthorityKeyEnded(AUTHORITY, KEY);
        _end();
        _assertKey(AUTHORITY, ATTEST, START, START + 9);
    }

    function test_belongsToOneAuthorityForEver() public {
        _add(AUTHORITY);
        _refusesAdd(AUTHORITY);
        _refusesAdd(OTHER);
        _end();
        _refusesAdd(AUTHORITY);
        _refusesAdd(OTHER);
        _assertKey(AUTHORITY, ATTEST, START, START);
    }

    function test_endRefusesUnknownAndEnded() public {
        _refusesEnd();
        _add(AUTHORITY);
        _end();
        _refusesEnd();
    }

    function test_refusesZero() public {
        vm.expectRevert(abi.encodeWithSelector(IAuthorities.ZeroAuthority.selector));
        _add(0);
    }

    function testFuzz_refusesAllButTheAdmin(address sender) public {
        vm.assume(sender != ADMIN);
        _expectNotAdmin(sender);
        registry.addAuthorityKey(AUTHORITY, KEY, ATTEST);
        _expectNotAdmin(sender);
        registry.endAuthorityKey(VRF_KEY);
    }

    function _refusesAdd(bytes32 authority) private {
        vm.expectRevert(abi.encodeWithSelector(IAuthorities.AuthorityKeyAlreadyAdded.selector, KEY));
        _add(authority);
    }

    function _refusesEnd() private {
        vm.expectRevert(abi.encodeWithSelector(IAuthorities.AuthorityKeyNotInForce.selector, KEY));
        _end();
    }

    function _add(bytes32 authority) private {
        vm.prank(ADMIN);
        registry.addAuthorityKey(authority, KEY, ATTEST);
    }

    function _end() private {
        vm.prank(ADMIN);
        registry.endAuthorityKey(KEY);
    }

    function _assertKey(bytes32 authority, bytes32 attest, uint64 from, uint64 until) private view {
        (bytes32 gotAuthority, bytes32 gotAttest, Period memory period) = registry.authorityKey(KEY);
        vm.assertEq(gotAuthority, authority);
        vm.assertEq(gotAttest, attest);
        vm.assertEq(period.from, from);
        vm.assertEq(period.until, until);
    }
}
