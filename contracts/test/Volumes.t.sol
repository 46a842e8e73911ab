// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IIssuers} from "../interfaces/IIssuers.sol";
import {IStatuses} from "../interfaces/IStatuses.sol";
import {IVolumes} from "../interfaces/IVolumes.sol";
import {Fixture} from "./Fixture.sol";
import {vm} from "./Vm.sol";

contract OpenVolumesTest is Fixture {
    IVolumes.NewVolume[] private _volumes;

    function setUp() public override {
        super.setUp();
        _register();
        _register(_seal(SECOND_CERTIFICATE));
        vm.roll(START_BLOCK + 7);
    }

    function test_opensInOrderAndMixed() public {
        _add(HANDLE, 1);
        _add(SECOND_HANDLE, 1);
        _add(HANDLE, 2);
        for (uint256 i = 0; i < 3; ++i) {
            vm.expectEmit();
            emit IVolumes.VolumeOpened(SUBJECT, _volumes[i].handle, _volumes[i].number, _volumes[i].root);
        }
        _submit(OPERATOR);
        _assertVolume(HANDLE, 0, ROOT, START_BLOCK);
        _assertVolume(HANDLE, 1, _root(HANDLE, 1), START_BLOCK + 7);
        _assertVolume(HANDLE, 2, _root(HANDLE, 2), START_BLOCK + 7);
        _assertVolume(HANDLE, 3, 0, 0);
        _assertVolume(SECOND_HANDLE, 1, _root(SECOND_HANDLE, 1), START_BLOCK + 7);
        _assertVolume(SECOND_HANDLE, 2, 0, 0);
        (,,,,,, uint32 volumes) = registry.sealOf(HANDLE);
        vm.assertEq(volumes, 3);
    }

    /// Each volume keeps its own root and block, four of which share a slot.
    function test_manyVolumesKeepTheirBlocks() public {
        for (uint32 number = 1; number < 14; ++number) {
            vm.roll(START_BLOCK + number * number);
            _add(HANDLE, number);
            _submit(OPERATOR);
            _volumes.pop();
        }
        for (uint32 number = 1; number < 14; ++number) {
            _assertVolume(HANDLE, number, _root(HANDLE, number), START_BLOCK + number * number);
        }
    }

    function testFuzz_refusesAllButTheNext(uint32 number) public {
        _add(HANDLE, 1);
        _submit(OPERATOR);
        vm.assume(number != 2);
        _volumes[0].number = number;
        _volumes[0].root = keccak256("planted tickets");
        _refuses(abi.encodeWithSelector(IVolumes.VolumeNotNext.selector, HANDLE, 2, number));
        _assertVolume(HANDLE, 1, _root(HANDLE, 1), START_BLOCK + 7);
    }

    function test_refusesTheSameNumberTwiceInABatch() public {
        _add(HANDLE, 1);
        _add(HANDLE, 1);
        _refuses(abi.encodeWithSelector(IVolumes.VolumeNotNext.selector, HANDLE, 2, 1));
        _assertVolume(HANDLE, 1, 0, 0);
    }

    function test_refusesNoneZeroAndUnknown() public {
        _refuses(abi.encodeWithSelector(IVolumes.NoVolumes.selector));
        _volumes.push(IVolumes.NewVolume(HANDLE, 1, 0));
        _refuses(abi.encodeWithSelector(IVolumes.ZeroVolumeRoot.selector, HANDLE));
        _volumes[0] = IVolumes.NewVolume(keccak256("unknown"), 0, ROOT);
        _refuses(abi.encodeWithSelector(IStatuses.UnknownSeal.selector, keccak256("unknown")));
    }

    function test_refusesRevokedSealsOnly() public {
        vm.prank(REGULATOR);
        registry.suspend(HANDLE, IStatuses.Reason.ByOrder);
        _add(HANDLE, 1);
        _submit(OPERATOR);
        vm.prank(REGULATOR);
        registry.revoke(HANDLE, IStatuses.Reason.ByOrder);
        _volumes[0] = IVolumes.NewVolume(HANDLE, 2, ROOT);
        _refuses(abi.encodeWithSelector(IStatuses.SealIsRevoked.selector, HANDLE));
    }

    function testFuzz_refusesAllButOperators(address sender) public {
        vm.assume(sender != OPERATOR);
        _add(HANDLE, 1);
        vm.expectRevert(abi.encodeWithSelector(IIssuers.NotOperator.selector, ISSUER, sender));
        _submit(sender);
    }

    /// The seal's own issuer, not any.
    function test_refusesOperatorsOfOthersAndOfTheRetired() public {
        _admitOther();
        testFuzz_refusesAllButOperators(STRANGER);
        _retire();
        _refuses(abi.encodeWithSelector(IIssuers.NotOperator.selector, ISSUER, OPERATOR));
    }

    function _add(bytes32 handle, uint32 number) private {
        _volumes.push(IVolumes.NewVolume(handle, number, _root(handle, number)));
    }

    function _root(bytes32 handle, uint32 number) private pure returns (bytes32) {
        return keccak256(abi.encode(handle, number));
    }

    function _refuses(bytes memory reason) private {
        vm.expectRevert(reason);
        _submit(OPERATOR);
    }

    function _submit(address sender) private {
        vm.prank(sender);
        registry.openVolumes(_volumes);
    }

    function _assertVolume(bytes32 handle, uint32 number, bytes32 root, uint256 openedAt) private view {
        (bytes32 gotRoot, uint64 gotBlock) = registry.volumeOf(handle, number);
        vm.assertEq(gotRoot, root);
        vm.assertEq(gotBlock, openedAt);
    }
}
