// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {UsageLedger} from "../UsageLedger.sol";
import {ICompanies} from "../interfaces/ICompanies.sol";
import {ISeals} from "../interfaces/ISeals.sol";
import {IStatuses} from "../interfaces/IStatuses.sol";
import {IVolumes} from "../interfaces/IVolumes.sol";
import {Fixture} from "./Fixture.sol";
import {Naming} from "./Naming.sol";
import {UniformTree} from "./ReferenceTree.sol";
import {Signing} from "./Signing.sol";
import {vm} from "./Vm.sol";

/// @dev What transactions cost, base fee and calldata included. The figures stand in `snapshots/`; forge fails when one
/// changes. To accept new ones: `FORGE_SNAPSHOT_CHECK=false forge test --match-contract Gas`.
contract GasTest is Fixture {
    /// The goal for one advance of a log of a million leaves.
    uint256 private constant MILLION_LIMIT = 80_000;
    /// The goals for one of twenty that share a transaction.
    uint256 private constant SEAL_LIMIT = 180_000;
    uint256 private constant VOLUME_LIMIT = 60_000;
    uint256 private constant MANY = 20;
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
    function test_registerCompanies() public {
        ICompanies.NewCompany[] memory companies = new ICompanies.NewCompany[](MANY);
        bytes[] memory signatures = new bytes[](MANY);
        for (uint256 i = 0; i < MANY; ++i) {
            companies[i] = _company(sha256(abi.encode("company", i)));
            signatures[i] = Signing.company(address(registry), companies[i], AUTHORITY_SECRET);
        }
        registry.registerCompanies(companies, signatures);
        _each("register a company, of 20");
    }

    /// forge-config: default.isolate = true
    function test_registerSeals() public {
        _registerMany(1, "one");
        vm.snapshotValue("SealRegistry", "register 1 seal", vm.lastCallGas().gasTotalUsed);
        _registerMany(MANY, "many");
        vm.assertLe(_each("register a seal, of 20"), SEAL_LIMIT);
    }

    /// The first volume after registration shares a slot with volume 0; every fourth one takes a new slot, so the fifth
    /// is the dearest.
    /// forge-config: default.isolate = true
    function test_openVolumes() public {
        bytes32[] memory handles = _registerMany(MANY, "many");
        for (uint32 number = 1; number < 5; ++number) {
            _open(handles, number);
            if (number == 1) _each("open a volume, of 20");
        }
        vm.assertLe(_each("open every fourth volume, of 20"), VOLUME_LIMIT);
    }

    /// forge-config: default.isolate = true
    function test_changes() public {
        bytes32 handle = _registerMany(1, "one")[0];
        bytes32 code = keccak256("code");
        bytes32 end = sha256(abi.encodePacked(block.chainid, address(registry), handle, code));
        vm.prank(OPERATOR);
        registry.setStop(handle, end);
        registry.stopByOwner(handle, code);
        vm.snapshotValue("SealRegistry", "stop by owner", vm.lastCallGas().gasTotalUsed);
        vm.prank(OPERATOR);
        registry.revoke(handle, IStatuses.Reason.KeyCompromise);
        vm.snapshotValue("SealRegistry", "revoke", vm.lastCallGas().gasTotalUsed);
    }

    function _registerMany(uint256 count, string memory label) private returns (bytes32[] memory handles) {
        ISeals.NewSeal[] memory seals = new ISeals.NewSeal[](count);
        handles = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            seals[i] = _seal(sha256(abi.encode(label, i)));
            handles[i] = Naming.handle(ISSUER, seals[i].certificate);
            bytes32 output = sha256(abi.encode("company of", label, i));
            seals[i].subject = Naming.subject(VRF_KEY, output);
            seals[i].volumeRoot = sha256(abi.encode("volume", i));
            seals[i].stopHash = count == 1 ? bytes32(0) : sha256(abi.encode("stop", i));
            _registerCompany(output);
        }
        vm.prank(OPERATOR);
        registry.registerSeals(ISSUER, seals);
    }

    function _open(bytes32[] memory handles, uint32 number) private {
        IVolumes.NewVolume[] memory volumes = new IVolumes.NewVolume[](handles.length);
        for (uint256 i = 0; i < handles.length; ++i) {
            volumes[i] = IVolumes.NewVolume(handles[i], number, sha256(abi.encode(handles[i], number)));
        }
        vm.prank(OPERATOR);
        registry.openVolumes(volumes);
    }

    /// @dev What the last call took for each of its many.
    function _each(string memory name) private returns (uint256 gas) {
        gas = vm.lastCallGas().gasTotalUsed / MANY;
        vm.snapshotValue("SealRegistry", name, gas);
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
