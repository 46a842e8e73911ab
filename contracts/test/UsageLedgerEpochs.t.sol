// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IUsageLedger} from "../interfaces/IUsageLedger.sol";
import {ReferenceTree} from "./ReferenceTree.sol";
import {UsageLedgerFixture} from "./UsageLedger.t.sol";
import {vm} from "./Vm.sol";

/// @dev The first `kept` leaves of another tree, and then leaves of its own.
contract Grafted is ReferenceTree {
    ReferenceTree private immutable _stock;
    uint256 private immutable _kept;
    uint256 private immutable _salt;

    constructor(ReferenceTree stock, uint256 kept, uint256 salt) {
        (_stock, _kept, _salt) = (stock, kept, salt);
    }

    function leafHash(uint256 index) public view override returns (bytes32) {
        return index < _kept ? _stock.leafHash(index) : sha256(abi.encodePacked(hex"00", "grafted", _salt, index));
    }
}

contract DisownTest is UsageLedgerFixture {
    function setUp() public override {
        super.setUp();
        _open();
        _advance(0, 5);
        _advance(5, 9);
        _advance(9, 14);
    }

    function test_beginsAnEpoch() public {
        vm.expectEmit();
        emit IUsageLedger.HeadDisowned(LOG_ID, 1, 9, 14);
        _disown(9);
        _assertHead(9, tree.root(9));
        (,, uint64 epoch) = ledger.logOf(LOG_ID);
        vm.assertEq(epoch, 1);
        vm.assertEq(ledger.epochsOf(LOG_ID).length, 2);
        vm.assertEq(ledger.epochsOf(LOG_ID)[1], 9);
    }

    function test_disownedHeadsStayOnRecordOnly() public {
        _disown(9);
        vm.assertEq(ledger.rootAt(LOG_ID, 14), 0);
        vm.assertEq(ledger.rootIn(LOG_ID, 0, 14), tree.root(14));
        vm.assertEq(ledger.rootIn(LOG_ID, 1, 14), 0);
        vm.assertEq(ledger.rootAt(LOG_ID, 5), tree.root(5));
        vm.assertEq(ledger.rootAt(LOG_ID, 9), tree.root(9));
        vm.assertTrue(
            ledger.verifyInclusion(LOG_ID, 9, 3, tree.leafHash(3), tree.inclusion(3, 9)), "under a head in force"
        );
        vm.assertFalse(
            ledger.verifyInclusion(LOG_ID, 14, 3, tree.leafHash(3), tree.inclusion(3, 14)), "under a disowned head"
        );
    }

    function test_theLogGoesOnWithOtherLeaves() public {
        _disown(9);
        Grafted other = new Grafted(tree, 9, 1);
        bytes32 root = other.root(14);
        bytes32[] memory proof = other.consistency(9, 14);
        vm.expectEmit();
        emit IUsageLedger.HeadAdvanced(LOG_ID, 1, 14, root);
        vm.prank(OPERATOR);
        ledger.advance(LOG_ID, 9, 14, root, proof);
        _assertHead(14, root);
        vm.assertEq(ledger.rootIn(LOG_ID, 0, 14), tree.root(14));
        vm.assertEq(ledger.rootIn(LOG_ID, 1, 14), root);
        vm.assertEq(ledger.rootAt(LOG_ID, 14), root);
    }

    /// What was taken back binds nobody; what was not, does.
    function test_theNewEpochExtendsItsBase() public {
        _disown(9);
        Grafted other = new Grafted(tree, 5, 1);
        bytes memory reason = abi.encodeWithSelector(IUsageLedger.InvalidConsistencyProof.selector);
        _refused(reason, 9, 14, other.root(14), other.consistency(9, 14));
        bytes32 root = tree.root(14);
        reason = abi.encodeWithSelector(IUsageLedger.StaleHead.selector, uint64(9), tree.root(9));
        _refused(reason, 14, 20, root, tree.consistency(14, 20));
    }

    function test_backToNothing() public {
        _disown(0);
        _assertHead(0, sha256(""));
        vm.assertEq(ledger.rootAt(LOG_ID, 5), 0);
        Grafted other = new Grafted(tree, 0, 1);
        bytes32 root = other.root(3);
        vm.prank(OPERATOR);
        ledger.advance(LOG_ID, 0, 3, root, new bytes32[](0));
        _assertHead(3, root);
    }

    function test_refusesWhatIsNotBehind() public {
        _refusesDisown(abi.encodeWithSelector(IUsageLedger.HeadNotSmaller.selector, 14, 14), 14);
        _refusesDisown(abi.encodeWithSelector(IUsageLedger.HeadNotSmaller.selector, 14, 15), 15);
        _disown(0);
        _refusesDisown(abi.encodeWithSelector(IUsageLedger.HeadNotSmaller.selector, 0, 0), 0);
    }

    function test_refusesWhatIsNoHeadInForce() public {
        _refusesDisown(abi.encodeWithSelector(IUsageLedger.HeadNotAccepted.selector, 8), 8);
        _disown(5);
        Grafted other = new Grafted(tree, 5, 1);
        bytes32 root = other.root(14);
        bytes32[] memory proof = other.consistency(5, 14);
        vm.prank(OPERATOR);
        ledger.advance(LOG_ID, 5, 14, root, proof);
        _refusesDisown(abi.encodeWithSelector(IUsageLedger.HeadNotAccepted.selector, 9), 9);
    }

    function test_refusesUnknownLog() public {
        vm.expectRevert(abi.encodeWithSelector(IUsageLedger.UnknownLog.selector, HANDLE));
        vm.prank(ADMIN);
        ledger.disown(HANDLE, 0);
    }

    function testFuzz_refusesAllButTheAdmin(address sender) public {
        vm.assume(sender != ADMIN);
        bytes memory reason = abi.encodeWithSelector(IUsageLedger.NotAdmin.selector, sender);
        vm.expectRevert(reason);
        vm.prank(sender);
        ledger.disown(LOG_ID, 9);
        vm.expectRevert(reason);
        vm.prank(sender);
        ledger.succeed(LOG_ID, PUBLIC_KEY);
    }

    function test_refusesOperatorAndRegulator() public {
        testFuzz_refusesAllButTheAdmin(OPERATOR);
        testFuzz_refusesAllButTheAdmin(REGULATOR);
    }

    /// The new admin may, the one before no more.
    function test_followsTheAdmin() public {
        vm.prank(ADMIN);
        registry.beginDefaultAdminTransfer(STRANGER);
        vm.warp(START + ADMIN_DELAY + 1);
        vm.prank(STRANGER);
        registry.acceptDefaultAdminTransfer();
        testFuzz_refusesAllButTheAdmin(OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(IUsageLedger.NotAdmin.selector, ADMIN));
        _disown(9);
        vm.prank(STRANGER);
        ledger.disown(LOG_ID, 9);
    }

    function test_alsoOfARetiredIssuer() public {
        _retire();
        _disown(5);
        _assertHead(5, tree.root(5));
    }

    function _refusesDisown(bytes memory reason, uint64 size) private {
        vm.expectRevert(reason);
        _disown(size);
    }

    function _disown(uint64 size) private {
        vm.prank(ADMIN);
        ledger.disown(LOG_ID, size);
    }
}

contract SucceedTest is UsageLedgerFixture {
    bytes32 private constant SECOND_KEY = keccak256("second key");
    bytes32 private constant THIRD_KEY = keccak256("third key");

    function setUp() public override {
        super.setUp();
        _open();
    }

    function test_keepsLogIdAndTree() public {
        _advance(0, 5);
        vm.expectEmit();
        emit IUsageLedger.LogSucceeded(LOG_ID, 5, SECOND_KEY);
        _succeed(SECOND_KEY);
        _assertHead(5, tree.root(5));
        vm.assertEq(ledger.logIdOf(ISSUER), LOG_ID);
        _advance(5, 9);
        _succeed(THIRD_KEY);
        (uint64[] memory fromSizes, bytes32[] memory keys) = ledger.keysOf(LOG_ID);
        vm.assertEq(keys.length, 3);
        vm.assertEq(fromSizes.length, 3);
        _assertKey(fromSizes[0], keys[0], 0, PUBLIC_KEY);
        _assertKey(fromSizes[1], keys[1], 5, SECOND_KEY);
        _assertKey(fromSizes[2], keys[2], 9, THIRD_KEY);
        (, bytes32 publicKey,) = ledger.logOf(LOG_ID);
        vm.assertEq(publicKey, THIRD_KEY);
    }

    function test_refusesKeysUsedBefore() public {
        _succeed(SECOND_KEY);
        bytes32[2] memory used = [PUBLIC_KEY, SECOND_KEY];
        for (uint256 i = 0; i < used.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IUsageLedger.LogKeyUsedBefore.selector, used[i]));
            _succeed(used[i]);
        }
    }

    function test_refusesUnknownLog() public {
        vm.expectRevert(abi.encodeWithSelector(IUsageLedger.UnknownLog.selector, HANDLE));
        vm.prank(ADMIN);
        ledger.succeed(HANDLE, SECOND_KEY);
    }

    function _succeed(bytes32 publicKey) private {
        vm.prank(ADMIN);
        ledger.succeed(LOG_ID, publicKey);
    }

    function _assertKey(uint64 fromSize, bytes32 key, uint64 expectedSize, bytes32 expectedKey) private pure {
        vm.assertEq(fromSize, expectedSize);
        vm.assertEq(key, expectedKey);
    }
}

/// @dev Random advances and disownings, against a model that holds the roots in force in a plain list: an advance puts
/// one in at its end, a disowning takes them off. And the raw record of every epoch.
contract EpochHistoryTest is UsageLedgerFixture {
    struct Head {
        uint64 epoch;
        uint64 size;
        bytes32 root;
    }

    Head[] private _inForce;
    Head[] private _everAccepted;
    uint64[] private _bases;
    ReferenceTree private _leaves;

    function testFuzz_rootAt(uint16[20] memory acts) public {
        _open();
        _bases.push(0);
        _leaves = tree;
        for (uint256 i = 0; i < acts.length; ++i) {
            if (acts[i] % 3 == 0) _disown(acts[i] / 3, i);
            else _grow(1 + acts[i] / 3 % 4);
        }
        _compareInForce();
        for (uint256 i = 0; i < _everAccepted.length; ++i) {
            Head memory accepted = _everAccepted[i];
            vm.assertEq(ledger.rootIn(LOG_ID, accepted.epoch, accepted.size), accepted.root);
        }
        uint64[] memory bases = ledger.epochsOf(LOG_ID);
        vm.assertEq(bases.length, _bases.length);
        for (uint256 i = 0; i < bases.length; ++i) {
            vm.assertEq(bases[i], _bases[i]);
        }
    }

    function _grow(uint64 growth) private {
        uint64 size = _size();
        Head memory next = Head(uint64(_bases.length - 1), size + growth, _leaves.root(size + growth));
        bytes32[] memory proof = size == 0 ? new bytes32[](0) : _leaves.consistency(size, next.size);
        vm.prank(OPERATOR);
        ledger.advance(LOG_ID, size, next.size, next.root, proof);
        _inForce.push(next);
        _everAccepted.push(next);
    }

    /// Back by some heads; from there on the leaves are others.
    function _disown(uint256 random, uint256 salt) private {
        if (_inForce.length == 0) return;
        uint256 count = 1 + random % _inForce.length;
        for (uint256 i = 0; i < count; ++i) {
            _inForce.pop();
        }
        uint64 size = _size();
        vm.prank(ADMIN);
        ledger.disown(LOG_ID, size);
        _bases.push(size);
        _leaves = new Grafted(_leaves, size, salt);
    }

    function _compareInForce() private view {
        uint64 size = 0;
        for (uint256 i = 0; i < _inForce.length; ++i) {
            for (; size < _inForce[i].size; ++size) {
                vm.assertEq(ledger.rootAt(LOG_ID, size), 0);
            }
            vm.assertEq(ledger.rootAt(LOG_ID, size++), _inForce[i].root);
        }
        for (uint256 i = 0; i < 100; ++i) {
            vm.assertEq(ledger.rootAt(LOG_ID, size++), 0);
        }
        if (_inForce.length == 0) _assertHead(0, sha256(""));
        else _assertHead(_size(), _inForce[_inForce.length - 1].root);
    }

    function _size() private view returns (uint64) {
        return _inForce.length == 0 ? 0 : _inForce[_inForce.length - 1].size;
    }
}
