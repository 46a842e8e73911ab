// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICompanies} from "../interfaces/ICompanies.sol";
import {IIssuers} from "../interfaces/IIssuers.sol";
import {IOwnerStop} from "../interfaces/IOwnerStop.sol";
import {ISeals} from "../interfaces/ISeals.sol";
import {IStatuses} from "../interfaces/IStatuses.sol";
import {IVolumes} from "../interfaces/IVolumes.sol";
import {Fixture} from "./Fixture.sol";
import {Naming} from "./Naming.sol";
import {Vm, vm} from "./Vm.sol";

contract RegisterSealsTest is Fixture {
    ISeals.NewSeal[] private _seals;

    function setUp() public override {
        super.setUp();
        for (uint64 i = 0; i < 3; ++i) {
            bytes32 certificate = keccak256(abi.encode(i));
            bytes32 stopHash = keccak256(abi.encode("stop", i));
            bytes32 root = keccak256(abi.encode("root", i));
            uint64 begin = START + i;
            _seals.push(ISeals.NewSeal(certificate, SUBJECT, begin, begin + 1095 days, 10 + uint8(i), root, stopHash));
        }
        _seals[1].stopHash = 0;
    }

    function test_registers() public {
        vm.warp(START + 1);
        for (uint256 i = 0; i < 3; ++i) {
            ISeals.NewSeal memory added = _seals[i];
            bytes32 handle = _handle(i);
            vm.expectEmit();
            emit ISeals.SealRegistered(SUBJECT, handle, ISSUER, added.notBefore, added.notAfter, added.depth);
            vm.expectEmit();
            emit IVolumes.VolumeOpened(SUBJECT, handle, 0, added.volumeRoot);
            if (added.stopHash == 0) continue;
            vm.expectEmit();
            emit IOwnerStop.StopSet(SUBJECT, handle, added.stopHash);
        }
        _submit(OPERATOR);
        for (uint256 i = 0; i < 3; ++i) {
            _assertOnRecord(_seals[i]);
        }
    }

    function test_unknownSealIsAllZero() public view {
        (bytes32 issuer, bytes32 subject, uint64 begin, uint64 end, uint64 time, uint8 depth, uint32 volumes) =
            registry.sealOf(HANDLE);
        vm.assertEq(issuer, 0);
        vm.assertEq(subject, 0);
        vm.assertEq(uint256(begin) + end + time + depth + volumes, 0);
        vm.assertEq(registry.stopHashOf(HANDLE), 0);
    }

    /// A company's whole history is one query: the subject is the first topic of every event about it.
    function test_everyEventNamesTheCompanyFirst() public {
        vm.recordLogs();
        _submit(OPERATOR);
        bytes32 handle = _handle(0);
        vm.prank(OPERATOR);
        registry.suspend(handle, IStatuses.Reason.Loss);
        vm.prank(REGULATOR);
        registry.revoke(handle, IStatuses.Reason.ByOrder);
        vm.prank(FOUNDERS);
        registry.changeFounders(SUBJECT, 0, FOUNDERS);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        vm.assertEq(logs.length, 11);
        for (uint256 i = 0; i < logs.length; ++i) {
            vm.assertEq(logs[i].topics[1], SUBJECT);
        }
    }

    function test_refusesNone() public {
        while (_seals.length != 0) _seals.pop();
        _refuses(abi.encodeWithSelector(ISeals.NoSeals.selector));
    }

    function test_refusesUnknownCompany() public {
        _seals[2].subject = keccak256("nobody");
        _refuses(abi.encodeWithSelector(ICompanies.UnknownCompany.selector, _seals[2].subject));
    }

    function test_refusesValidityThatEndsBeforeItBegins() public {
        ISeals.NewSeal storage wrong = _seals[1];
        wrong.notAfter = wrong.notBefore - 1;
        _refuses(abi.encodeWithSelector(ISeals.InvalidValidity.selector, _handle(1), wrong.notBefore, wrong.notAfter));
        wrong.notAfter = wrong.notBefore;
        _submit(OPERATOR);
    }

    function testFuzz_depth(uint8 depth) public {
        _seals[1].depth = depth;
        if (depth < 4 || depth > 24) {
            _refuses(abi.encodeWithSelector(ISeals.InvalidDepth.selector, _handle(1), depth));
        } else {
            _submit(OPERATOR);
            _assertOnRecord(_seals[1]);
        }
    }

    function test_refusesZeroVolumeRoot() public {
        _seals[1].volumeRoot = 0;
        _refuses(abi.encodeWithSelector(IVolumes.ZeroVolumeRoot.selector, _handle(1)));
    }

    function test_refusesHandleOnRecord() public {
        _submit(OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(ISeals.SealAlreadyRegistered.selector, _handle(0)));
        _submit(OPERATOR);
    }

    /// Another issuer that sees the registration on its way and sends the very same one first, gets names of its own.
    function test_aRivalTakesNoHandle() public {
        _admitOther();
        vm.prank(STRANGER);
        registry.registerSeals(OTHER, _seals);
        _submit(OPERATOR);
        for (uint256 i = 0; i < 3; ++i) {
            _assertOnRecord(_seals[i]);
            (bytes32 issuer,,,,,,) = registry.sealOf(Naming.handle(OTHER, _seals[i].certificate));
            vm.assertEq(issuer, OTHER);
        }
    }

    function testFuzz_everyIssuerHasItsOwnHandles(bytes32 issuer, bytes32 certificate) public {
        vm.assume(issuer != 0 && issuer != ISSUER && certificate != 0);
        vm.prank(ADMIN);
        registry.admitIssuer(issuer, STRANGER);
        while (_seals.length != 1) _seals.pop();
        _seals[0].certificate = certificate;
        vm.prank(STRANGER);
        registry.registerSeals(issuer, _seals);
        _submit(OPERATOR);
        _assertOnRecord(_seals[0]);
    }

    function test_refusesZeroCertificate() public {
        _seals[1].certificate = 0;
        _refuses(abi.encodeWithSelector(ISeals.ZeroCertificate.selector, ISSUER));
    }

    function test_refusesHandleTwiceInOneBatch() public {
        _seals[2].certificate = _seals[0].certificate;
        _refuses(abi.encodeWithSelector(ISeals.SealAlreadyRegistered.selector, _handle(0)));
    }

    function testFuzz_refusesAllButOperators(address sender) public {
        vm.assume(sender != OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(IIssuers.NotOperator.selector, ISSUER, sender));
        _submit(sender);
    }

    function test_refusesRetiredIssuer() public {
        _retire();
        _refuses(abi.encodeWithSelector(IIssuers.NotOperator.selector, ISSUER, OPERATOR));
    }

    function _refuses(bytes memory reason) private {
        vm.expectRevert(reason);
        _submit(OPERATOR);
        for (uint256 i = 0; i < _seals.length; ++i) {
            (,,,, uint64 registeredAt,,) = registry.sealOf(_handle(i));
            vm.assertEq(registeredAt, 0);
        }
    }

    function _submit(address sender) private {
        vm.prank(sender);
        registry.registerSeals(ISSUER, _seals);
    }

    function _handle(uint256 index) private view returns (bytes32) {
        return Naming.handle(ISSUER, _seals[index].certificate);
    }

    function _assertOnRecord(ISeals.NewSeal memory added) private view {
        bytes32 handle = Naming.handle(ISSUER, added.certificate);
        (bytes32 issuer, bytes32 subject, uint64 begin, uint64 end, uint64 time, uint8 depth, uint32 volumes) =
            registry.sealOf(handle);
        vm.assertEq(issuer, ISSUER);
        vm.assertEq(subject, SUBJECT);
        vm.assertEq(begin, added.notBefore);
        vm.assertEq(end, added.notAfter);
        vm.assertEq(time, block.timestamp);
        vm.assertEq(depth, added.depth);
        vm.assertEq(volumes, 1);
        (bytes32 root, uint64 openedAt) = registry.volumeOf(handle, 0);
        vm.assertEq(root, added.volumeRoot);
        vm.assertEq(openedAt, START_BLOCK);
        vm.assertEq(registry.stopHashOf(handle), added.stopHash);
    }
}
