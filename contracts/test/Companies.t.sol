// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAuthorities} from "../interfaces/IAuthorities.sol";
import {ICompanies} from "../interfaces/ICompanies.sol";
import {SealRegistry} from "../SealRegistry.sol";
import {Fixture} from "./Fixture.sol";
import {Naming} from "./Naming.sol";
import {Signing} from "./Signing.sol";
import {Wallet} from "./Wallet.sol";
import {vm} from "./Vm.sol";

abstract contract CompanyFixture is Fixture {
    bytes32 internal constant SECOND = keccak256("output for a second company");
    bytes32 internal constant THIRD = keccak256("output for a third company");
    bytes32 internal immutable SECOND_SUBJECT = Naming.subject(VRF_KEY, SECOND);
    bytes32 internal immutable THIRD_SUBJECT = Naming.subject(VRF_KEY, THIRD);
    /// The order of secp256k1.
    uint256 internal constant CURVE_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;

    function _submit(ICompanies.NewCompany memory added, bytes memory signature) internal {
        ICompanies.NewCompany[] memory companies = new ICompanies.NewCompany[](1);
        bytes[] memory signatures = new bytes[](1);
        (companies[0], signatures[0]) = (added, signature);
        vm.prank(STRANGER);
        registry.registerCompanies(companies, signatures);
    }

    function _refused(ICompanies.NewCompany memory added, bytes memory signature) internal {
        bytes32 subject = Naming.subject(added.vrfKey, added.output);
        vm.expectRevert(abi.encodeWithSelector(ICompanies.InvalidAuthoritySignature.selector, subject));
        _submit(added, signature);
        (,,, uint64 registeredAt) = registry.companyOf(subject);
        vm.assertEq(registeredAt, 0);
    }

    function _signed(ICompanies.NewCompany memory added) internal view returns (bytes memory) {
        return Signing.company(address(registry), added, AUTHORITY_SECRET);
    }

    function _signDigest(uint256 secret, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(secret, digest);
        return abi.encodePacked(r, s, v);
    }

    function _setAccount(address account) internal {
        vm.prank(ADMIN);
        registry.setAuthorityAccount(AUTHORITY, account);
    }

    function _assertCompany(bytes32 subject, bytes32 foundersHash, address founders, uint64 time) internal view {
        (bytes32 vrfKey, bytes32 gotHash, address gotAccount, uint64 registeredAt) = registry.companyOf(subject);
        vm.assertEq(vrfKey, time == 0 ? bytes32(0) : VRF_KEY);
        vm.assertEq(gotHash, foundersHash);
        vm.assertEq(gotAccount, founders);
        vm.assertEq(registeredAt, time);
    }
}

contract RegisterCompaniesTest is CompanyFixture {
    function test_registersFromAnyAccount() public {
        ICompanies.NewCompany[] memory companies = new ICompanies.NewCompany[](2);
        bytes[] memory signatures = new bytes[](2);
        (companies[0], companies[1]) = (_company(SECOND), _company(THIRD));
        (signatures[0], signatures[1]) = (_signed(companies[0]), _signed(companies[1]));
        vm.warp(START + 3);
        for (uint256 i = 0; i < 2; ++i) {
            vm.expectEmit();
            bytes32 subject = Naming.subject(VRF_KEY, companies[i].output);
            emit ICompanies.CompanyRegistered(subject, VRF_KEY, keccak256("founders"), FOUNDERS);
        }
        vm.prank(STRANGER);
        registry.registerCompanies(companies, signatures);
        _assertCompany(SECOND_SUBJECT, keccak256("founders"), FOUNDERS, START + 3);
        _assertCompany(THIRD_SUBJECT, keccak256("founders"), FOUNDERS, START + 3);
    }

    function test_unknownCompanyIsAllZero() public view {
        _assertCompany(SECOND_SUBJECT, 0, address(0), 0);
    }

    function test_onceOnly() public {
        ICompanies.NewCompany memory other = ICompanies.NewCompany(COMPANY, VRF_KEY, 0, STRANGER);
        bytes memory reason = abi.encodeWithSelector(ICompanies.CompanyAlreadyRegistered.selector, SUBJECT);
        bytes memory signature = _signed(other);
        vm.expectRevert(reason);
        _submit(other, signature);
        bytes memory replayed = _signed(_company(COMPANY));
        vm.expectRevert(reason);
        _submit(_company(COMPANY), replayed);
    }

    /// Another authority that sees the registration on its way names another company with what it has seen.
    function test_aRivalTakesNoSubject() public {
        ICompanies.NewCompany memory taken = _company(SECOND);
        taken.vrfKey = keccak256("a rival's key");
        vm.prank(ADMIN);
        registry.addAuthorityKey(OTHER, taken.vrfKey, 0);
        vm.prank(ADMIN);
        registry.setAuthorityAccount(OTHER, vm.addr(0xB0B));
        _submit(taken, Signing.company(address(registry), taken, 0xB0B));
        _assertCompany(SECOND_SUBJECT, 0, address(0), 0);
        _submit(_company(SECOND), _signed(_company(SECOND)));
        _assertCompany(SECOND_SUBJECT, keccak256("founders"), FOUNDERS, START);
    }

    function test_allOrNone() public {
        ICompanies.NewCompany[] memory companies = new ICompanies.NewCompany[](2);
        bytes[] memory signatures = new bytes[](2);
        (companies[0], companies[1]) = (_company(SECOND), _company(SECOND));
        (signatures[0], signatures[1]) = (_signed(companies[0]), _signed(companies[1]));
        vm.expectRevert(abi.encodeWithSelector(ICompanies.CompanyAlreadyRegistered.selector, SECOND_SUBJECT));
        registry.registerCompanies(companies, signatures);
        _assertCompany(SECOND_SUBJECT, 0, address(0), 0);
    }

    function test_refusesNoneAndMismatch() public {
        vm.expectRevert(abi.encodeWithSelector(ICompanies.NoCompanies.selector));
        registry.registerCompanies(new ICompanies.NewCompany[](0), new bytes[](0));
        vm.expectRevert(abi.encodeWithSelector(ICompanies.SignaturesMismatch.selector, 2, 1));
        registry.registerCompanies(new ICompanies.NewCompany[](2), new bytes[](1));
    }

    function test_refusesKeyNotInForce() public {
        ICompanies.NewCompany memory added = _company(SECOND);
        added.vrfKey = keccak256("nobody's key");
        bytes memory signature = _signed(added);
        vm.expectRevert(abi.encodeWithSelector(IAuthorities.AuthorityKeyNotInForce.selector, added.vrfKey));
        _submit(added, signature);
        vm.prank(ADMIN);
        registry.endAuthorityKey(VRF_KEY);
        added.vrfKey = VRF_KEY;
        signature = _signed(added);
        vm.expectRevert(abi.encodeWithSelector(IAuthorities.AuthorityKeyNotInForce.selector, VRF_KEY));
        _submit(added, signature);
    }

    function test_refusesChangedMembers() public {
        bytes memory signature = _signed(_company(SECOND));
        ICompanies.NewCompany memory added = _company(SECOND);
        added.foundersHash = keccak256("founders of the operator's own");
        _refused(added, signature);
        added = _company(SECOND);
        added.foundersAccount = STRANGER;
        _refused(added, signature);
        _refused(_company(THIRD), signature);
    }

    /// A key of another authority does not make that authority's account sign for it.
    function test_refusesAccountOfAnotherAuthority() public {
        ICompanies.NewCompany memory added = _company(SECOND);
        added.vrfKey = keccak256("a rival's key");
        vm.prank(ADMIN);
        registry.addAuthorityKey(OTHER, added.vrfKey, 0);
        _refused(added, _signed(added));
        vm.prank(ADMIN);
        registry.setAuthorityAccount(OTHER, vm.addr(0xB0B));
        _refused(added, _signed(added));
        _submit(added, Signing.company(address(registry), added, 0xB0B));
    }

    function test_refusesSignatureOfAnotherChainContractOrType() public {
        ICompanies.NewCompany memory added = _company(SECOND);
        SealRegistry twin = new SealRegistry(ADMIN_DELAY, ADMIN);
        _refused(added, Signing.company(address(twin), added, AUTHORITY_SECRET));
        bytes32 elsewhere = Signing.digest(address(registry), block.chainid + 1, added);
        _refused(added, _signDigest(AUTHORITY_SECRET, elsewhere));
        _refused(added, _signDigest(AUTHORITY_SECRET, keccak256(abi.encode(added))));
        bytes memory signature = _signed(added);
        vm.chainId(block.chainid + 1);
        _refused(added, signature);
    }

    function test_refusesReplacedAccount() public {
        ICompanies.NewCompany memory added = _company(SECOND);
        _setAccount(vm.addr(0xB0B));
        _refused(added, _signed(added));
        _submit(added, Signing.company(address(registry), added, 0xB0B));
    }

    /// Also not the signature from which nobody is recovered.
    function test_refusesEverythingWithoutAnAccount() public {
        ICompanies.NewCompany memory added = _company(SECOND);
        _setAccount(address(0));
        _refused(added, _signed(added));
        _refused(added, new bytes(65));
        _refused(added, abi.encodePacked(uint256(1), uint256(1), uint8(99)));
    }

    function test_refusesMalleableSignatures() public {
        ICompanies.NewCompany memory added = _company(SECOND);
        (uint8 v, bytes32 r, bytes32 s) =
            vm.sign(AUTHORITY_SECRET, Signing.digest(address(registry), block.chainid, added));
        bytes32 high = bytes32(CURVE_ORDER - uint256(s));
        _refused(added, abi.encodePacked(r, high, v == 27 ? uint8(28) : uint8(27)));
        _refused(added, abi.encodePacked(r, high, v));
        _refused(added, abi.encodePacked(r, s, v - 27));
        _refused(added, abi.encodePacked(r, s, v, uint8(0)));
        _refused(added, abi.encodePacked(r, s));
        // EIP-2098: the parity within s.
        _refused(added, abi.encodePacked(r, bytes32(uint256(s) | uint256(v - 27) << 255)));
        _refused(added, "");
        _submit(added, abi.encodePacked(r, s, v));
    }

    function testFuzz_refusesOtherBytes(bytes memory signature) public {
        vm.assume(keccak256(signature) != keccak256(_signed(_company(SECOND))));
        _refused(_company(SECOND), signature);
    }

    function testFuzz_refusesOtherAccounts(uint256 secret) public {
        secret = secret % (CURVE_ORDER - 1) + 1;
        vm.assume(secret != AUTHORITY_SECRET);
        _refused(_company(SECOND), Signing.company(address(registry), _company(SECOND), secret));
    }

    function test_takesTheWordOfAWallet() public {
        Wallet wallet = new Wallet(vm.addr(0xB0B));
        _setAccount(address(wallet));
        ICompanies.NewCompany memory added = _company(SECOND);
        _refused(added, _signed(added));
        _refused(added, new bytes(64));
        _submit(added, Signing.company(address(registry), added, 0xB0B));
        _assertCompany(SECOND_SUBJECT, keccak256("founders"), FOUNDERS, START);
        wallet.lock();
        _refused(_company(THIRD), Signing.company(address(registry), _company(THIRD), 0xB0B));
    }

    /// A contract that is no wallet signs nothing.
    function test_refusesAContractThatIsNoWallet() public {
        _setAccount(address(registry));
        _refused(_company(SECOND), _signed(_company(SECOND)));
    }
}

contract ChangeFoundersTest is CompanyFixture {
    bytes32 private constant NEXT = keccak256("next founders");

    function test_byTheFoundersAccount() public {
        vm.expectEmit();
        emit ICompanies.FoundersChanged(SUBJECT, NEXT, STRANGER);
        _change(FOUNDERS, STRANGER);
        _assertCompany(SUBJECT, NEXT, STRANGER, START);
        _refuses(FOUNDERS);
        _change(STRANGER, address(0));
        _refuses(STRANGER);
    }

    function test_byARegulator() public {
        _change(REGULATOR, address(0));
        _assertCompany(SUBJECT, NEXT, address(0), START);
        _change(REGULATOR, FOUNDERS);
    }

    function test_refusesUnknownCompany() public {
        vm.expectRevert(abi.encodeWithSelector(ICompanies.UnknownCompany.selector, SECOND_SUBJECT));
        vm.prank(REGULATOR);
        registry.changeFounders(SECOND_SUBJECT, NEXT, FOUNDERS);
    }

    /// Neither the operator nor the authority nor the admin.
    function testFuzz_refusesAllOthers(address sender) public {
        vm.assume(sender != FOUNDERS && sender != REGULATOR);
        _refuses(sender);
    }

    function test_refusesThoseWithOtherRoles() public {
        _refuses(OPERATOR);
        _refuses(ADMIN);
        _refuses(vm.addr(AUTHORITY_SECRET));
    }

    function _change(address sender, address account) private {
        vm.prank(sender);
        registry.changeFounders(SUBJECT, NEXT, account);
    }

    function _refuses(address sender) private {
        vm.expectRevert(abi.encodeWithSelector(ICompanies.NotFoundersOrRegulator.selector, SUBJECT, sender));
        _change(sender, sender);
    }
}

contract ContinueCompanyTest is CompanyFixture {
    bytes32 private constant OTHER_KEY = keccak256("a rival's key");

    function setUp() public override {
        super.setUp();
        _registerCompany(SECOND);
    }

    function test_continues() public {
        vm.expectEmit();
        emit ICompanies.CompanyContinued(SUBJECT, SECOND_SUBJECT);
        vm.prank(vm.addr(AUTHORITY_SECRET));
        registry.continueCompany(SUBJECT, SECOND_SUBJECT);
    }

    function test_refusesUnknownCompanies() public {
        address account = vm.addr(AUTHORITY_SECRET);
        vm.expectRevert(abi.encodeWithSelector(ICompanies.UnknownCompany.selector, THIRD_SUBJECT));
        vm.prank(account);
        registry.continueCompany(SUBJECT, THIRD_SUBJECT);
        vm.expectRevert(abi.encodeWithSelector(ICompanies.UnknownCompany.selector, THIRD_SUBJECT));
        vm.prank(account);
        registry.continueCompany(THIRD_SUBJECT, SUBJECT);
    }

    /// An authority cannot take over a company that another one named.
    function test_refusesTheAuthorityOfOneOfThem() public {
        vm.prank(ADMIN);
        registry.addAuthorityKey(OTHER, OTHER_KEY, 0);
        vm.prank(ADMIN);
        registry.setAuthorityAccount(OTHER, vm.addr(0xB0B));
        ICompanies.NewCompany memory added = _company(THIRD);
        added.vrfKey = OTHER_KEY;
        _submit(added, Signing.company(address(registry), added, 0xB0B));
        bytes32 others = Naming.subject(OTHER_KEY, THIRD);
        _refuses(vm.addr(0xB0B), SUBJECT, others, AUTHORITY);
        _refuses(vm.addr(0xB0B), others, SUBJECT, AUTHORITY);
        _refuses(vm.addr(AUTHORITY_SECRET), SUBJECT, others, OTHER);
    }

    function testFuzz_refusesAllOthers(address sender) public {
        vm.assume(sender != vm.addr(AUTHORITY_SECRET));
        _refuses(sender, SUBJECT, SECOND_SUBJECT, AUTHORITY);
    }

    function _refuses(address sender, bytes32 oldSubject, bytes32 newSubject, bytes32 authority) private {
        vm.expectRevert(abi.encodeWithSelector(ICompanies.NotAuthority.selector, authority, sender));
        vm.prank(sender);
        registry.continueCompany(oldSubject, newSubject);
    }
}
