// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISealRegistry} from "../../interfaces/ISealRegistry.sol";
import {Permissions} from "./Permissions.sol";

/// @dev Seals registered, suspended, resumed and revoked by those who may and those who may not.
contract SealActions is Permissions {
    struct Seal {
        bytes32 issuer;
        uint64 notBefore;
        uint64 notAfter;
        uint64 registeredAt;
        ISealRegistry.Status status;
        ISealRegistry.Reason reason;
        uint64 since;
        bool byRegulator;
    }

    /// @dev What the registry once said about a moment that was past by then.
    struct Answer {
        bytes32 handle;
        uint64 time;
        bytes32 digest;
    }

    uint256 public constant HANDLES = 4;
    uint256 private constant REASONS = 11;

    mapping(bytes32 handle => Seal) private _seals;
    Answer[] private _answers;

    function register(uint256 seed) external seeded(seed) {
        bytes32 id = _issuer();
        address who = _operatorOrAny(id);
        uint256 first = _pick(HANDLES);
        uint256 count = 1 + _pick(2);
        bytes32[] memory handles = new bytes32[](count);
        uint64[] memory notBefore = new uint64[](count);
        uint64[] memory notAfter = new uint64[](count);
        bool allowed = isOperator[id][who];
        for (uint256 i = 0; i < count; ++i) {
            handles[i] = handle((first + i) % HANDLES);
            (notBefore[i], notAfter[i]) = _validity();
            allowed = allowed && _seals[handles[i]].registeredAt == 0;
        }
        bytes memory data = abi.encodeCall(registry.registerSeals, (id, handles, notBefore, notAfter));
        if (_try(address(registry), who, data, allowed)) {
            for (uint256 i = 0; i < count; ++i) {
                _seals[handles[i]] = Seal({
                    issuer: id,
                    notBefore: notBefore[i],
                    notAfter: notAfter[i],
                    registeredAt: uint64(block.timestamp),
                    status: ISealRegistry.Status.Active,
                    reason: ISealRegistry.Reason.None,
                    since: uint64(block.timestamp),
                    byRegulator: false
                });
            }
        }
        _ask();
    }

    function suspend(uint256 seed) external seeded(seed) {
        (bytes32 name, address who, ISealRegistry.Reason reason) = _change();
        Seal storage seal = _seals[name];
        bool takesOver = isRegulator[who] && !seal.byRegulator;
        bool allowed = _may(seal, who) && (seal.status == ISealRegistry.Status.Active || takesOver);
        bytes memory data = abi.encodeCall(registry.suspend, (name, reason));
        _settle(seal, who, data, allowed, ISealRegistry.Status.Suspended, reason);
    }

    function resume(uint256 seed) external seeded(seed) {
        (bytes32 name, address who, ISealRegistry.Reason reason) = _change();
        Seal storage seal = _seals[name];
        bool allowed =
            _may(seal, who) && seal.status == ISealRegistry.Status.Suspended && (isRegulator[who] || !seal.byRegulator);
        bytes memory data = abi.encodeCall(registry.resume, (name, reason));
        _settle(seal, who, data, allowed, ISealRegistry.Status.Active, reason);
    }

    /// Mostly without a reason, which must fail: else no seal is left that could change.
    function revoke(uint256 seed) external seeded(seed) {
        (bytes32 name, address who, ISealRegistry.Reason reason) = _change();
        if (_pick(3) != 0) reason = ISealRegistry.Reason.None;
        Seal storage seal = _seals[name];
        bool allowed = _may(seal, who) && reason != ISealRegistry.Reason.None;
        bytes memory data = abi.encodeCall(registry.revoke, (name, reason));
        _settle(seal, who, data, allowed, ISealRegistry.Status.Revoked, reason);
    }

    function handle(uint256 index) public pure returns (bytes32) {
        return keccak256(abi.encode("seal", index));
    }

    function sealOf(bytes32 name) external view returns (Seal memory) {
        return _seals[name];
    }

    function answers() external view returns (Answer[] memory) {
        return _answers;
    }

    function answerDigest(bytes32 name, uint64 time) public view returns (bytes32) {
        (ISealRegistry.Status status, ISealRegistry.Reason reason, uint64 since) = registry.statusAt(name, time);
        return keccak256(abi.encode(status, reason, since));
    }

    /// @dev Also while seals only grow older.
    function _afterTime() internal override {
        _ask();
    }

    /// @dev Notes what the registry says of a seal at some moment before this second.
    function _ask() private {
        bytes32 name = handle(_pick(HANDLES));
        uint64 past = uint64(block.timestamp - 1 - _pick(_pick(2) == 0 ? 10 : 3 days));
        _answers.push(Answer(name, past, answerDigest(name, past)));
    }

    function _settle(
        Seal storage seal,
        address who,
        bytes memory data,
        bool allowed,
        ISealRegistry.Status status,
        ISealRegistry.Reason reason
    ) private {
        if (_try(address(registry), who, data, allowed)) {
            (seal.status, seal.reason) = (status, reason);
            (seal.since, seal.byRegulator) = (uint64(block.timestamp), isRegulator[who]);
        }
        _ask();
    }

    function _change() private returns (bytes32 name, address who, ISealRegistry.Reason reason) {
        name = handle(_pick(HANDLES));
        who = _pick(3) == 0 ? _account() : _operatorOrAny(_seals[name].issuer);
        reason = ISealRegistry.Reason(_pick(REASONS));
    }

    function _may(Seal storage seal, address who) private view returns (bool) {
        return seal.registeredAt != 0 && seal.status != ISealRegistry.Status.Revoked
            && (isRegulator[who] || isOperator[seal.issuer][who]);
    }

    /// @dev Always, around now, or later.
    function _validity() private returns (uint64, uint64) {
        uint64 time = uint64(block.timestamp);
        uint256 kind = _pick(3);
        if (kind == 0) return (0, type(uint64).max);
        if (kind == 1) return (time - 100, time + 2 days);
        return (time + 1 days, time + 10 days);
    }
}
