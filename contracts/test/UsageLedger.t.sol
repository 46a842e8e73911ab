// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC165} from "@openzeppelin/contracts/utils/introspection/ERC165.sol";

import {UsageLedger} from "../UsageLedger.sol";
import {IIssuers} from "../interfaces/IIssuers.sol";
import {ISealRegistry} from "../interfaces/ISealRegistry.sol";
import {IUsageLedger} from "../interfaces/IUsageLedger.sol";
import {Fixture} from "./Fixture.sol";
import {DistinctTree} from "./ReferenceTree.sol";
import {vm} from "./Vm.sol";

abstract contract UsageLedgerFixture is Fixture {
    string internal constant ORIGIN = "log.example/uses";
    /// Not a constant: those are expressions, and calling SHA-256 anew would use up a `prank`.
    bytes32 internal immutable LOG_ID = sha256(abi.encodePacked(ISSUER, ORIGIN));
    bytes32 internal constant PUBLIC_KEY = keccak256("an Ed25519 key");

    IUsageLedger internal ledger;
    DistinctTree internal tree;

    function setUp() public virtual override {
        super.setUp();
        ledger = new UsageLedger(registry);
        tree = new DistinctTree();
    }

    function _open() internal {
        vm.prank(OPERATOR);
        ledger.openLog(ISSUER, ORIGIN, PUBLIC_KEY);
    }

    function _advance(uint64 oldSize, uint64 newSize) internal {
        bytes32 root = tree.root(newSize);
        bytes32[] memory proof = _proof(oldSize, newSize);
        vm.prank(OPERATOR);
        ledger.advance(LOG_ID, oldSize, newSize, root, proof);
    }

    /// @dev Offers a head as the operator and expects it to be refused.
    function _refused(bytes memory reason, uint64 oldSize, uint64 newSize, bytes32 root, bytes32[] memory proof)
        internal
    {
        vm.expectRevert(reason);
        vm.prank(OPERATOR);
        ledger.advance(LOG_ID, oldSize, newSize, root, proof);
    }

    /// @dev Offers an honest head as the operator and expects it to be refused.
    function _refused(bytes memory reason, uint64 oldSize, uint64 newSize) internal {
        _refused(reason, oldSize, newSize, tree.root(newSize), _proof(oldSize, newSize));
    }

    function _proof(uint64 oldSize, uint64 newSize) internal view returns (bytes32[] memory) {
        return oldSize == 0 ? new bytes32[](0) : tree.consistency(oldSize, newSize);
    }

    function _assertHead(uint64 expectedSize, bytes32 expectedRoot) internal view {
        (uint64 size, bytes32 root) = ledger.head(LOG_ID);
        vm.assertEq(size, expectedSize);
        vm.assertEq(root, expectedRoot);
    }
}

/// @dev It says it knows issuers, but has no admin by the rules this ledger relies on.
contract HalfARegistry is ERC165 {
    function supportsInterface(bytes4 id) public view override returns (bool) {
        return id == type(IIssuers).interfaceId || super.supportsInterface(id);
    }
}

contract UsageLedgerConstructorTest is UsageLedgerFixture {
    function test_keepsRegistry() public view {
        vm.assertEq(address(ledger.registry()), address(registry));
    }

    function test_refusesWhatIsNoRegistry() public {
        vm.expectRevert(abi.encodeWithSelector(IUsageLedger.InvalidRegistry.selector, STRANGER));
        new UsageLedger(ISealRegistry(STRANGER));
        vm.expectRevert(abi.encodeWithSelector(IUsageLedger.InvalidRegistry.selector, address(tree)));
        new UsageLedger(ISealRegistry(address(tree)));
        HalfARegistry half = new HalfARegistry();
        vm.expectRevert(abi.encodeWithSelector(IUsageLedger.InvalidRegistry.selector, address(half)));
        new UsageLedger(ISealRegistry(address(half)));
    }
}

contract UsageLedgerOpenLogTest is UsageLedgerFixture {
    function test_opens() public {
        vm.expectEmit();
        emit IUsageLedger.LogOpened(LOG_ID, ISSUER, ORIGIN, PUBLIC_KEY);
        vm.prank(OPERATOR);
        bytes32 logId = ledger.openLog(ISSUER, ORIGIN, PUBLIC_KEY);
        vm.assertEq(logId, LOG_ID);
        vm.assertEq(ledger.logIdOf(ISSUER), LOG_ID);
        (bytes32 issuer, bytes32 publicKey, uint64 epoch) = ledger.logOf(LOG_ID);
        vm.assertEq(issuer, ISSUER);
        vm.assertEq(publicKey, PUBLIC_KEY);
        vm.assertEq(epoch, 0);
        (uint64[] memory fromSizes, bytes32[] memory keys) = ledger.keysOf(LOG_ID);
        vm.assertEq(fromSizes.length, 1);
        vm.assertEq(fromSizes[0], 0);
        vm.assertEq(keys.length, 1);
        vm.assertEq(keys[0], PUBLIC_KEY);
        vm.assertEq(ledger.epochsOf(LOG_ID).length, 1);
        vm.assertEq(ledger.epochsOf(LOG_ID)[0], 0);
        _assertHead(0, sha256(""));
    }

    function test_unknownLogIsAllZero() public view {
        vm.assertEq(ledger.logIdOf(ISSUER), 0);
        (bytes32 issuer, bytes32 publicKey, uint64 epoch) = ledger.logOf(LOG_ID);
        vm.assertEq(issuer, 0);
        vm.assertEq(publicKey, 0);
        vm.assertEq(epoch, 0);
        (uint64[] memory fromSizes, bytes32[] memory keys) = ledger.keysOf(LOG_ID);
        vm.assertEq(fromSizes.length + keys.length + ledger.epochsOf(LOG_ID).length, 0);
        _assertHead(0, sha256(""));
        vm.assertEq(ledger.rootAt(LOG_ID, 0), 0);
    }

    /// One for ever, whatever its origin: a shadow log has no place.
    function test_refusesASecondLog() public {
        _open();
        bytes memory reason = abi.encodeWithSelector(IUsageLedger.LogAlreadyOpen.selector, LOG_ID);
        vm.expectRevert(reason);
        _open();
        vm.expectRevert(reason);
        vm.prank(OPERATOR);
        ledger.openLog(ISSUER, "log.example/shadow", PUBLIC_KEY);
    }

    /// An origin is no name on the ledger without its issuer, so nobody can take it first.
    function test_twoIssuersMayHaveOneOrigin() public {
        _admitOther();
        vm.prank(STRANGER);
        bytes32 other = ledger.openLog(OTHER, ORIGIN, PUBLIC_KEY);
        vm.assertEq(other, sha256(abi.encodePacked(OTHER, ORIGIN)));
        _open();
        vm.assertEq(ledger.logIdOf(ISSUER), LOG_ID);
        vm.assertEq(ledger.logIdOf(OTHER), other);
    }

    function test_refusesStranger() public {
        vm.expectRevert(abi.encodeWithSelector(IUsageLedger.NotOperator.selector, ISSUER, STRANGER));
        vm.prank(STRANGER);
        ledger.openLog(ISSUER, ORIGIN, PUBLIC_KEY);
    }

    function test_refusesOperatorOfAnotherIssuer() public {
        _admitOther();
        vm.expectRevert(abi.encodeWithSelector(IUsageLedger.NotOperator.selector, ISSUER, STRANGER));
        vm.prank(STRANGER);
        ledger.openLog(ISSUER, ORIGIN, PUBLIC_KEY);
    }

    function testFuzz_originLength(uint16 length) public {
        string memory origin = string(new bytes(length % 512));
        if (bytes(origin).length == 0 || bytes(origin).length > 255) {
            vm.expectRevert(abi.encodeWithSelector(IUsageLedger.InvalidOriginLength.selector, bytes(origin).length));
        }
        vm.prank(OPERATOR);
        ledger.openLog(ISSUER, origin, PUBLIC_KEY);
    }
}

contract UsageLedgerAdvanceTest is UsageLedgerFixture {
    function setUp() public override {
        super.setUp();
        _open();
    }

    function test_firstHead() public {
        bytes32 root = tree.root(5);
        vm.expectEmit();
        emit IUsageLedger.HeadAdvanced(LOG_ID, 0, 5, root);
        vm.prank(OPERATOR);
        ledger.advance(LOG_ID, 0, 5, root, new bytes32[](0));
        _assertHead(5, root);
        vm.assertEq(ledger.rootAt(LOG_ID, 5), root);
    }

    function test_nextHead() public {
        _advance(0, 5);
        bytes32 root = tree.root(9);
        bytes32[] memory proof = tree.consistency(5, 9);
        vm.expectEmit();
        emit IUsageLedger.HeadAdvanced(LOG_ID, 0, 9, root);
        vm.prank(OPERATOR);
        ledger.advance(LOG_ID, 5, 9, root, proof);
        _assertHead(9, root);
    }

    function test_anyOperatorOfTheIssuer() public {
        bytes32 root = tree.root(1);
        vm.prank(ADMIN);
        registry.addOperator(ISSUER, STRANGER);
        vm.prank(STRANGER);
        ledger.advance(LOG_ID, 0, 1, root, new bytes32[](0));
        _assertHead(1, root);
    }

    function test_refusesUnknownLog() public {
        bytes32 unknown = sha256("unknown");
        vm.expectRevert(abi.encodeWithSelector(IUsageLedger.UnknownLog.selector, unknown));
        vm.prank(OPERATOR);
        ledger.advance(unknown, 0, 1, unknown, new bytes32[](0));
    }

    function testFuzz_refusesStranger(address stranger) public {
        vm.assume(stranger != OPERATOR);
        bytes32 root = tree.root(1);
        vm.expectRevert(abi.encodeWithSelector(IUsageLedger.NotOperator.selector, ISSUER, stranger));
        vm.prank(stranger);
        ledger.advance(LOG_ID, 0, 1, root, new bytes32[](0));
    }

    function test_refusesRemovedOperator() public {
        vm.prank(ADMIN);
        registry.removeOperator(ISSUER, OPERATOR);
        _refused(abi.encodeWithSelector(IUsageLedger.NotOperator.selector, ISSUER, OPERATOR), 0, 1);
    }

    function test_refusesRetiredIssuer() public {
        vm.prank(ADMIN);
        registry.retireIssuer(ISSUER);
        _refused(abi.encodeWithSelector(IUsageLedger.NotOperator.selector, ISSUER, OPERATOR), 0, 1);
    }

    function test_staleHeadCarriesTheHead() public {
        _refused(abi.encodeWithSelector(IUsageLedger.StaleHead.selector, uint64(0), sha256("")), 3, 5);
        _advance(0, 5);
        bytes memory stale = abi.encodeWithSelector(IUsageLedger.StaleHead.selector, uint64(5), tree.root(5));
        _refused(stale, 4, 6);
        _refused(stale, 6, 7);
        _refused(stale, 0, 6);
    }

    function test_refusesHeadNotLarger() public {
        bytes32[] memory none = new bytes32[](0);
        _refused(abi.encodeWithSelector(IUsageLedger.HeadNotLarger.selector, 0, 0), 0, 0, sha256(""), none);
        _advance(0, 5);
        bytes32[] memory proof = tree.consistency(4, 5);
        _refused(abi.encodeWithSelector(IUsageLedger.HeadNotLarger.selector, 5, 5), 5, 5, tree.root(5), none);
        _refused(abi.encodeWithSelector(IUsageLedger.HeadNotLarger.selector, 5, 4), 5, 4, tree.root(4), proof);
    }

    function test_refusesZeroRoot() public {
        _refused(abi.encodeWithSelector(IUsageLedger.ZeroRoot.selector), 0, 1, 0, new bytes32[](0));
    }

    function test_refusesFirstHeadWithProof() public {
        bytes memory reason = abi.encodeWithSelector(IUsageLedger.InvalidConsistencyProof.selector);
        _refused(reason, 0, 3, tree.root(3), tree.consistency(1, 3));
    }

    function test_refusesRewrittenLog() public {
        _advance(0, 5);
        bytes memory reason = abi.encodeWithSelector(IUsageLedger.InvalidConsistencyProof.selector);
        _refused(reason, 5, 9, sha256("a tree without the first use"), tree.consistency(5, 9));
        _refused(reason, 5, 9, tree.root(9), tree.consistency(4, 9));
        _refused(reason, 5, 9, tree.root(9), new bytes32[](0));
        _assertHead(5, tree.root(5));
        vm.assertEq(ledger.rootAt(LOG_ID, 9), 0);
    }

    function testFuzz_everyHeadStays(uint8[8] memory steps) public {
        uint64[9] memory sizes;
        uint256 heads = 0;
        for (uint256 i = 0; i < steps.length; ++i) {
            if (steps[i] % 32 == 0) continue;
            uint64 size = sizes[heads] + steps[i] % 32;
            _advance(sizes[heads], size);
            sizes[++heads] = size;
        }
        for (uint256 i = 1; i <= heads; ++i) {
            vm.assertEq(ledger.rootAt(LOG_ID, sizes[i]), tree.root(sizes[i]));
        }
        _assertHead(sizes[heads], tree.root(sizes[heads]));
    }

    function test_logsDoNotTouchEachOther() public {
        _advance(0, 5);
        bytes32 root = tree.root(2);
        _admitOther();
        vm.prank(STRANGER);
        bytes32 other = ledger.openLog(OTHER, ORIGIN, PUBLIC_KEY);
        vm.prank(STRANGER);
        ledger.advance(other, 0, 2, root, new bytes32[](0));
        _assertHead(5, tree.root(5));
        vm.assertEq(ledger.rootAt(other, 5), 0);
        vm.assertEq(ledger.rootAt(LOG_ID, 2), 0);
    }
}

contract UsageLedgerVerifyInclusionTest is UsageLedgerFixture {
    function setUp() public override {
        super.setUp();
        _open();
        _advance(0, 5);
        _advance(5, 13);
    }

    function test_everyLeafUnderEveryHead() public view {
        for (uint64 index = 0; index < 13; ++index) {
            vm.assertTrue(_included(13, index), "newest head");
            if (index < 5) vm.assertTrue(_included(5, index), "older head");
        }
    }

    function test_falseForOtherLeaf() public view {
        bytes32[] memory proof = tree.inclusion(3, 13);
        vm.assertFalse(ledger.verifyInclusion(LOG_ID, 13, 3, tree.leafHash(4), proof), "other leaf");
        vm.assertFalse(ledger.verifyInclusion(LOG_ID, 13, 4, tree.leafHash(3), proof), "other index");
        vm.assertFalse(ledger.verifyInclusion(LOG_ID, 13, 13, tree.leafHash(3), proof), "beyond the log");
    }

    function test_falseWithoutThatHead() public view {
        vm.assertFalse(_included(12, 3), "never accepted at this size");
        vm.assertFalse(
            ledger.verifyInclusion(sha256("unknown"), 13, 3, tree.leafHash(3), tree.inclusion(3, 13)), "unknown log"
        );
        bytes32[] memory none = new bytes32[](0);
        vm.assertFalse(ledger.verifyInclusion(LOG_ID, 0, 0, 0, none), "empty log");
        vm.assertFalse(ledger.verifyInclusion(LOG_ID, 1, 0, 0, none), "the zero that stands for no head is no root");
    }

    function _included(uint64 size, uint64 index) private view returns (bool) {
        return ledger.verifyInclusion(LOG_ID, size, index, tree.leafHash(index), tree.inclusion(index, size));
    }
}
