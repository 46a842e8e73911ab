// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IStatuses} from "../../interfaces/IStatuses.sol";
import {SealRegistry} from "../../SealRegistry.sol";
import {Period} from "../../lib/Periods.sol";
import {vm} from "../Vm.sol";
import {CompanyActions} from "./CompanyActions.sol";
import {PermissionChecks} from "./Permissions.sol";
import {SealActions} from "./SealActions.sol";

contract SealRegistryInvariantTest is PermissionChecks {
    uint256 private constant ISSUERS = 3;

    SealActions private _people;
    SealRegistry private _registry;

    function setUp() public {
        vm.warp(1_800_000_000);
        _people = new SealActions();
        _registry = _people.registry();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_people);
    }

    /// One campaign for all: with a fixed seed, each further one would play the very same acts.
    function invariant_everythingHolds() public view {
        _revokedStaysRevoked();
        _answersAboutThePastStay();
        _statusIsWhatWasDecided();
        _sealsStayAsRegistered();
        _aVolumesRootNeverChanges();
        _onlyCodesMoveTheOwnersChain();
        _aCompanyIsRegisteredOnceByItsAuthority();
        _whatEndedStaysEnded();
        _rolesComeFromTheAdmin();
        _retiredAndForbiddenDoNothing();
    }

    function _revokedStaysRevoked() private view {
        for (uint256 i = 0; i < _people.HANDLES(); ++i) {
            bytes32 handle = _people.handle(i);
            SealActions.Seal memory seal = _people.sealOf(handle);
            if (!seal.revoked) continue;
            bytes32 revoked = keccak256(abi.encode(IStatuses.Status.Revoked, seal.reason, seal.since, seal.flags));
            vm.assertEq(_people.answerDigest(handle, seal.since), revoked);
            vm.assertEq(_people.answerDigest(handle, uint64(block.timestamp)), revoked);
            vm.assertEq(_people.answerDigest(handle, type(uint64).max), revoked);
        }
    }

    function _answersAboutThePastStay() private view {
        SealActions.Answer[] memory answers = _people.answers();
        for (uint256 i = 0; i < answers.length; ++i) {
            vm.assertEq(_people.answerDigest(answers[i].handle, answers[i].time), answers[i].digest);
        }
    }

    /// Only those who may change a seal's status do, each only its own flag, and each change says why and when: nobody
    /// but the owner's code lifts the owner's stop, nobody but a regulator the regulators'.
    function _statusIsWhatWasDecided() private view {
        uint64 time = uint64(block.timestamp);
        for (uint256 i = 0; i < _people.HANDLES(); ++i) {
            bytes32 handle = _people.handle(i);
            SealActions.Seal memory seal = _people.sealOf(handle);
            (IStatuses.Status status, IStatuses.Reason reason, uint64 since, uint8 flags) =
                _registry.statusAt(handle, time);
            vm.assertEq(uint256(status), uint256(_expected(seal, time)));
            vm.assertEq(flags, seal.flags);
            bool decided = status == IStatuses.Status.Active || status == IStatuses.Status.Suspended;
            if (!decided) continue;
            vm.assertEq(uint256(reason), uint256(seal.reason));
            vm.assertEq(since, seal.since < seal.notBefore ? seal.notBefore : seal.since);
        }
    }

    function _sealsStayAsRegistered() private view {
        for (uint256 i = 0; i < _people.HANDLES(); ++i) {
            bytes32 handle = _people.handle(i);
            SealActions.Seal memory seal = _people.sealOf(handle);
            (bytes32 issuer, bytes32 subject, uint64 begin, uint64 end, uint64 registeredAt,, uint32 volumes) =
                _registry.sealOf(handle);
            vm.assertEq(issuer, seal.issuer);
            vm.assertEq(subject, seal.subject);
            vm.assertEq(begin, seal.notBefore);
            vm.assertEq(end, seal.notAfter);
            vm.assertEq(registeredAt, seal.registeredAt);
            vm.assertEq(volumes, seal.volumeRoots.length);
        }
    }

    function _aVolumesRootNeverChanges() private view {
        for (uint256 i = 0; i < _people.HANDLES(); ++i) {
            bytes32 handle = _people.handle(i);
            bytes32[] memory roots = _people.sealOf(handle).volumeRoots;
            for (uint32 number = 0; number < roots.length; ++number) {
                (bytes32 root, uint64 openedAt) = _registry.volumeOf(handle, number);
                vm.assertEq(root, roots[number]);
                vm.assertEq(openedAt, block.number);
            }
            (bytes32 beyond,) = _registry.volumeOf(handle, uint32(roots.length));
            vm.assertEq(beyond, 0);
        }
    }

    function _onlyCodesMoveTheOwnersChain() private view {
        for (uint256 i = 0; i < _people.HANDLES(); ++i) {
            bytes32 handle = _people.handle(i);
            vm.assertEq(_registry.stopHashOf(handle), _people.endOf(handle));
        }
    }

    function _aCompanyIsRegisteredOnceByItsAuthority() private view {
        for (uint256 i = 0; i < _people.COMPANIES(); ++i) {
            CompanyActions.Company memory company = _people.companyOf(_people.subject(i));
            (bytes32 vrfKey, bytes32 foundersHash, address foundersAccount, uint64 registeredAt) =
                _registry.companyOf(_people.subject(i));
            vm.assertEq(vrfKey, company.vrfKey);
            vm.assertEq(foundersHash, company.foundersHash);
            vm.assertEq(foundersAccount, company.foundersAccount);
            vm.assertEq(registeredAt, company.registeredAt);
        }
    }

    function _whatEndedStaysEnded() private view {
        for (uint256 i = 0; i < _people.KEYS(); ++i) {
            CompanyActions.Key memory key = _people.keyOf(_people.vrfKey(i));
            (bytes32 authority,, Period memory period) = _registry.authorityKey(_people.vrfKey(i));
            vm.assertEq(authority, key.authority);
            _assertPeriod(period, key.from, key.until);
        }
        for (uint256 i = 0; i < ISSUERS; ++i) {
            bytes32 issuer = _people.issuer(i);
            for (uint256 j = 0; j < _people.ROOTS(); ++j) {
                CompanyActions.Span memory span = _people.rootOf(issuer, _people.rootHash(j));
                _assertPeriod(_registry.rootPeriod(issuer, _people.rootHash(j)), span.from, span.until);
            }
        }
        for (uint256 i = 0; i < 2; ++i) {
            vm.assertEq(_registry.schemeAuthority(bytes32(i)), _people.schemeAuthority(bytes32(i)));
        }
    }

    function _rolesComeFromTheAdmin() private view {
        _checkPermissions(_people);
    }

    function _retiredAndForbiddenDoNothing() private view {
        _checkRetired(_people);
        vm.assertEq(_people.trespasses(), 0);
    }

    function _expected(SealActions.Seal memory seal, uint64 time) private view returns (IStatuses.Status) {
        if (seal.registeredAt == 0) return IStatuses.Status.Unknown;
        if (seal.revoked) return IStatuses.Status.Revoked;
        if (_people.isRetired(seal.issuer)) return IStatuses.Status.IssuerRetired;
        if (time < seal.notBefore) return IStatuses.Status.NotYetValid;
        if (time > seal.notAfter) return IStatuses.Status.Expired;
        return seal.flags == 0 ? IStatuses.Status.Active : IStatuses.Status.Suspended;
    }

    function _assertPeriod(Period memory period, uint64 from, uint64 until) private pure {
        vm.assertEq(period.from, from);
        vm.assertEq(period.until, until);
    }
}
