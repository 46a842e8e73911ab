// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {UsageLedger} from "../UsageLedger.sol";
import {ISealRegistry} from "../interfaces/ISealRegistry.sol";
import {Fixture} from "./Fixture.sol";
import {UniformTree} from "./ReferenceTree.sol";
import {vm} from "./Vm.sol";

/// @dev What transactions cost, base fee and calldata included. The figures stand in `snapshots/`; forge fails when one
/// changes. To accept new ones: `FORGE_SNAPSHOT_CHECK=false forge test --match-contract Gas`.
contract GasTest is Fixture {
    /// The goal for one advance of a log of a million leaves.
    uint256 private constant MILLION_LIMIT = 80_000;
    uint64 private constant BATCH = 4096;
    uint256 private constant SAMPLES = 12;

    UsageLedger private _ledger;
    UniformTree private _tree;
    bytes32 private _logId;

    function setUp() public override {
        super.setUp();
        _ledger = new UsageLedger(registry);
        _tree = new UniformTree();
        vm.prank(OPERATOR);
        _logId = _ledger.openLog(ISSUER, "log.example/uses", keccak256("an Ed25519 key"));
    }

    /// forge-config: default.isolate = true
    function test_advance_first() public {
        _advance(0, BATCH);
        _record("advance from 0");
    }

    /// forge-config: default.isolate = true
    function test_advance_small() public {
        _measure(1, 2, "advance from 1");
    }

    /// forge-config: default.isolate = true
    function test_advance_thousand() public {
        _measure(1_000, 1_000 + BATCH, "advance from 10^3");
    }

    /// forge-config: default.isolate = true
    function test_advance_million() public {
        _measure(1_000_000, 1_000_000 + BATCH, "advance from 10^6");
        vm.assertLe(vm.lastCallGas().gasTotalUsed, MILLION_LIMIT);
    }

    /// What it costs on average: the shape of the proof depends on the bits of both sizes.
    /// forge-config: default.isolate = true
    function test_advance_millionMean() public {
        uint64 size = 1_000_000;
        uint256 sum = 0;
        _advance(0, size);
        for (uint256 i = 0; i < SAMPLES; ++i) {
            uint64 next = size + uint64(uint256(keccak256(abi.encode(i))) % BATCH) + 1;
            _advance(size, next);
            sum += vm.lastCallGas().gasTotalUsed;
            size = next;
        }
        vm.snapshotValue("UsageLedger", "advance near 10^6, mean", sum / SAMPLES);
    }

    /// No proof of this length is dearer: the old size takes every hash into both roots.
    /// forge-config: default.isolate = true
    function test_advance_millionWorst() public {
        _measure(1_048_575, 1_048_575 + BATCH, "advance from 2^20 - 1");
    }

    /// forge-config: default.isolate = true
    function test_registerSeals() public {
        _register(1);
        vm.snapshotValue("SealRegistry", "register 1 seal", vm.lastCallGas().gasTotalUsed);
        _register(100);
        vm.snapshotValue("SealRegistry", "register 100 seals", vm.lastCallGas().gasTotalUsed);
    }

    /// forge-config: default.isolate = true
    function test_revoke() public {
        bytes32 handle = _register(1);
        vm.prank(OPERATOR);
        registry.revoke(handle, ISealRegistry.Reason.KeyCompromise);
        vm.snapshotValue("SealRegistry", "revoke", vm.lastCallGas().gasTotalUsed);
    }

    function _register(uint256 count) private returns (bytes32) {
        bytes32[] memory handles = new bytes32[](count);
        uint64[] memory notBefore = new uint64[](count);
        uint64[] memory notAfter = new uint64[](count);
        for (uint256 i = 0; i < count; ++i) {
            (handles[i], notBefore[i], notAfter[i]) = (sha256(abi.encode(count, i)), START, START + 1095 days);
        }
        vm.prank(OPERATOR);
        registry.registerSeals(ISSUER, handles, notBefore, notAfter);
        return handles[0];
    }

    function _measure(uint64 oldSize, uint64 newSize, string memory name) private {
        _advance(0, oldSize);
        _advance(oldSize, newSize);
        _record(name);
    }

    function _advance(uint64 oldSize, uint64 newSize) private {
        bytes32 newRoot = _tree.root(newSize);
        bytes32[] memory proof = oldSize == 0 ? new bytes32[](0) : _tree.consistency(oldSize, newSize);
        vm.prank(OPERATOR);
        _ledger.advance(_logId, oldSize, newSize, newRoot, proof);
    }

    function _record(string memory name) private {
        vm.snapshotValue("UsageLedger", name, vm.lastCallGas().gasTotalUsed);
    }
}
