// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IIssuers} from "../interfaces/IIssuers.sol";
import {IOwnerStop} from "../interfaces/IOwnerStop.sol";
import {ISeals} from "../interfaces/ISeals.sol";
import {IStatuses} from "../interfaces/IStatuses.sol";
import {Fixture} from "./Fixture.sol";
import {Naming} from "./Naming.sol";
import {vm} from "./Vm.sol";

abstract contract StopFixture is Fixture {
    uint256 internal constant LENGTH = 6;
    bytes32 internal constant SEED = keccak256("the company's secret");
    bytes32 internal constant OTHER_SEED = keccak256("the company's next secret");

    /// Codes in the order in which they are spent.
    bytes32[] internal codes;
    bytes32 internal end;

    function setUp() public virtual override {
        super.setUp();
        end = _chain(block.chainid, address(registry), HANDLE, SEED);
        ISeals.NewSeal memory added = _seal(CERTIFICATE);
        added.stopHash = end;
        _register(added);
        vm.warp(START + 10);
    }

    /// @dev Fills `codes`; returns the end of the chain.
    function _chain(uint256 chainId, address place, bytes32 handle, bytes32 seed) internal returns (bytes32 link) {
        codes = new bytes32[](LENGTH);
        link = seed;
        for (uint256 i = LENGTH; i > 0; --i) {
            codes[i - 1] = link;
            link = sha256(abi.encodePacked(chainId, place, handle, link));
        }
    }

    function _stop(bytes32 code) internal {
        vm.prank(STRANGER);
        registry.stopByOwner(HANDLE, code);
    }

    function _resume(bytes32 code) internal {
        vm.prank(STRANGER);
        registry.resumeByOwner(HANDLE, code);
    }

    function _announce(bytes32 code, bytes32 newEnd) internal {
        registry.announceStop(HANDLE, sha256(abi.encodePacked(HANDLE, code, newEnd)));
    }

    function _wrong() internal {
        vm.expectRevert(abi.encodeWithSelector(IOwnerStop.WrongStopCode.selector, HANDLE));
    }

    function _assertFlags(uint8 flags, bytes32 stopHash) internal view {
        (,,, uint8 got) = registry.statusAt(HANDLE, uint64(block.timestamp));
        vm.assertEq(got, flags);
        vm.assertEq(registry.stopHashOf(HANDLE), stopHash);
    }
}

contract StopByOwnerTest is StopFixture {
    function test_stopsAndResumesFromAnyAccount() public {
        vm.expectEmit();
        emit IStatuses.SealStatusChanged(SUBJECT, HANDLE, IStatuses.Status.Suspended, IStatuses.Reason.OwnerStop, 1);
        _stop(codes[0]);
        _assertFlags(1, codes[0]);
        vm.expectEmit();
        emit IStatuses.SealStatusChanged(SUBJECT, HANDLE, IStatuses.Status.Active, IStatuses.Reason.None, 0);
        _resume(codes[1]);
        _assertFlags(0, codes[1]);
        _stop(codes[2]);
        _resume(codes[3]);
        _stop(codes[4]);
        _assertFlags(1, codes[4]);
    }

    function test_refusesReplayedCodes() public {
        _stop(codes[0]);
        _wrong();
        _resume(codes[0]);
        _resume(codes[1]);
        for (uint256 i = 0; i < 2; ++i) {
            _wrong();
            _stop(codes[i]);
        }
        _wrong();
        _stop(end);
        _assertFlags(0, codes[1]);
    }

    function test_refusesSkippedCodes() public {
        for (uint256 i = 1; i < LENGTH; ++i) {
            _wrong();
            _stop(codes[i]);
        }
        _stop(codes[0]);
        _wrong();
        _resume(codes[2]);
        _assertFlags(1, codes[0]);
    }

    function test_aCodeIsNotSpentInVain() public {
        vm.expectRevert(abi.encodeWithSelector(IStatuses.NotStopped.selector, HANDLE, 1));
        _resume(codes[0]);
        _stop(codes[0]);
        vm.expectRevert(abi.encodeWithSelector(IStatuses.AlreadyStopped.selector, HANDLE, 1));
        _stop(codes[1]);
        _assertFlags(1, codes[0]);
        _resume(codes[1]);
    }

    function test_refusesCodesOfAnotherChainContractOrHandle() public {
        ISeals.NewSeal memory added = _seal(SECOND_CERTIFICATE);
        bytes32 second = SECOND_HANDLE;
        added.stopHash = end;
        _register(added);
        bytes32 code = codes[0];
        vm.expectRevert(abi.encodeWithSelector(IOwnerStop.WrongStopCode.selector, second));
        registry.stopByOwner(second, code);

        super.setUp();
        _wrong();
        _stop(code);
        vm.chainId(block.chainid + 1);
        _wrong();
        _stop(codes[0]);
    }

    /// Made for another place, a chain does not fit even if its end was registered here.
    function test_refusesAChainMadeForElsewhere() public {
        bytes32 certificate = keccak256("third certificate");
        bytes32 third = Naming.handle(ISSUER, certificate);
        bytes32[3] memory ends = [
            _chain(block.chainid + 1, address(registry), third, SEED),
            _chain(block.chainid, address(this), third, SEED),
            _chain(block.chainid, address(registry), HANDLE, SEED)
        ];
        for (uint256 i = 0; i < ends.length; ++i) {
            ISeals.NewSeal memory added = _seal(i == 0 ? certificate : keccak256(abi.encode(certificate, i)));
            bytes32 handle = Naming.handle(ISSUER, added.certificate);
            added.stopHash = ends[i];
            _register(added);
            vm.expectRevert(abi.encodeWithSelector(IOwnerStop.WrongStopCode.selector, handle));
            registry.stopByOwner(handle, codes[0]);
        }
    }

    function testFuzz_refusesGuesses(bytes32 code) public {
        vm.assume(code != codes[0]);
        _wrong();
        _stop(code);
        _stop(codes[0]);
        vm.assume(code != codes[1]);
        _wrong();
        _resume(code);
    }

    /// A chain whose secret is zero ends one code early: its last would leave the seal without an end of its own.
    function test_refusesZero() public {
        bytes32 handle = _registeredWithoutStop();
        bytes32 zeroEnd = sha256(abi.encodePacked(block.chainid, address(registry), handle, bytes32(0)));
        vm.prank(OPERATOR);
        registry.setStop(handle, zeroEnd);
        vm.expectRevert(abi.encodeWithSelector(IOwnerStop.WrongStopCode.selector, handle));
        registry.stopByOwner(handle, 0);
    }

    function test_refusesWithoutAStop() public {
        bytes32 handle = _registeredWithoutStop();
        vm.expectRevert(abi.encodeWithSelector(IOwnerStop.WrongStopCode.selector, handle));
        registry.stopByOwner(handle, 0);
    }

    function test_nobodyElseLiftsTheOwnersStop() public {
        _stop(codes[0]);
        address[3] memory senders = [OPERATOR, REGULATOR, ADMIN];
        for (uint256 i = 0; i < 2; ++i) {
            uint8 flag = i == 0 ? 2 : 4;
            vm.prank(senders[i]);
            registry.suspend(HANDLE, IStatuses.Reason.Loss);
            vm.prank(senders[i]);
            registry.resume(HANDLE, IStatuses.Reason.None);
            vm.expectRevert(abi.encodeWithSelector(IStatuses.NotStopped.selector, HANDLE, flag));
            vm.prank(senders[i]);
            registry.resume(HANDLE, IStatuses.Reason.None);
        }
        _assertFlags(1, codes[0]);
    }

    function test_theOwnerLiftsNoOthersStop() public {
        vm.prank(OPERATOR);
        registry.suspend(HANDLE, IStatuses.Reason.Loss);
        vm.prank(REGULATOR);
        registry.suspend(HANDLE, IStatuses.Reason.ByOrder);
        _stop(codes[0]);
        _resume(codes[1]);
        _assertFlags(6, codes[1]);
    }

    function test_worksForTheRetiredIssuersSealsNotForTheRevoked() public {
        _retire();
        _stop(codes[0]);
        vm.prank(REGULATOR);
        registry.revoke(HANDLE, IStatuses.Reason.ByOrder);
        vm.expectRevert(abi.encodeWithSelector(IStatuses.SealIsRevoked.selector, HANDLE));
        _resume(codes[1]);
        vm.expectRevert(abi.encodeWithSelector(IStatuses.UnknownSeal.selector, SUBJECT));
        registry.stopByOwner(SUBJECT, codes[1]);
    }

    function _registeredWithoutStop() private returns (bytes32) {
        _register(_seal(SECOND_CERTIFICATE));
        return SECOND_HANDLE;
    }
}

contract SetStopTest is StopFixture {
    function setUp() public override {
        super.setUp();
        _register(_seal(SECOND_CERTIFICATE));
    }

    function test_setsOnce() public {
        vm.expectEmit();
        emit IOwnerStop.StopSet(SUBJECT, SECOND_HANDLE, end);
        _set(SECOND_HANDLE, end);
        vm.assertEq(registry.stopHashOf(SECOND_HANDLE), end);
        vm.expectRevert(abi.encodeWithSelector(IOwnerStop.StopAlreadySet.selector, SECOND_HANDLE));
        _set(SECOND_HANDLE, ROOT);
        vm.expectRevert(abi.encodeWithSelector(IOwnerStop.StopAlreadySet.selector, HANDLE));
        _set(HANDLE, ROOT);
    }

    /// Also not over a chain of which codes were spent.
    function test_refusesAfterAStop() public {
        _stop(codes[0]);
        vm.expectRevert(abi.encodeWithSelector(IOwnerStop.StopAlreadySet.selector, HANDLE));
        _set(HANDLE, ROOT);
    }

    function test_refusesZeroUnknownAndRevoked() public {
        vm.expectRevert(abi.encodeWithSelector(IOwnerStop.ZeroStopHash.selector, SECOND_HANDLE));
        _set(SECOND_HANDLE, 0);
        vm.expectRevert(abi.encodeWithSelector(IStatuses.UnknownSeal.selector, SUBJECT));
        _set(SUBJECT, end);
        vm.prank(REGULATOR);
        registry.revoke(SECOND_HANDLE, IStatuses.Reason.ByOrder);
        vm.expectRevert(abi.encodeWithSelector(IStatuses.SealIsRevoked.selector, SECOND_HANDLE));
        _set(SECOND_HANDLE, end);
    }

    function testFuzz_refusesAllButOperators(address sender) public {
        vm.assume(sender != OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(IIssuers.NotOperator.selector, ISSUER, sender));
        vm.prank(sender);
        registry.setStop(SECOND_HANDLE, end);
    }

    function _set(bytes32 handle, bytes32 stopHash) private {
        vm.prank(OPERATOR);
        registry.setStop(handle, stopHash);
    }
}
