// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ISeals} from "../../interfaces/ISeals.sol";
import {IStatuses} from "../../interfaces/IStatuses.sol";
import {IVolumes} from "../../interfaces/IVolumes.sol";
import {Naming} from "../Naming.sol";
import {CompanyActions} from "./CompanyActions.sol";

/// @dev Seals registered, stopped, resumed and revoked, and their volumes opened, by those who may and those who may
/// not. The owner acts from any account: by the codes alone.
contract SealActions is CompanyActions {
    struct Seal {
        bytes32 issuer;
        bytes32 subject;
        uint64 notBefore;
        uint64 notAfter;
        uint64 registeredAt;
        bool revoked;
        uint8 flags;
        IStatuses.Reason reason;
        uint64 since;
        bytes32[] volumeRoots;
        uint256 chain; // which of the owner's chains of stop codes; zero: none
        uint256 spent; // codes of it
    }

    /// @dev What the registry once said about a moment that was past by then.
    struct Answer {
        bytes32 handle;
        uint64 time;
        bytes32 digest;
    }

    uint8 internal constant OWNER = 1;
    uint8 internal constant ISSUER = 2;
    uint8 internal constant REGULATOR = 4;
    uint256 public constant HANDLES = 4;
    uint256 private constant SEALERS = 2;
    uint256 private constant REASONS = 11;
    uint256 private constant CODES = 5;
    uint256 private constant DELAY = 1 hours;

    mapping(bytes32 handle => Seal) private _seals;
    mapping(bytes32 commitment => uint256) private _announced;
    Answer[] private _answers;

    /// Three seals from the start, so that there is something to act upon.
    constructor() {
        for (uint256 i = 0; i < 3; ++i) {
            ISeals.NewSeal[] memory added = new ISeals.NewSeal[](1);
            added[0] = ISeals.NewSeal({
                certificate: _certificate(i),
                subject: subject(0),
                notBefore: 0,
                notAfter: type(uint64).max,
                depth: 10,
                volumeRoot: keccak256("volume"),
                stopHash: link(handle(i), 1, CODES)
            });
            bytes32 id = _issuerOf(i);
            bytes memory data = abi.encodeCall(registry.registerSeals, (id, added));
            _try(address(registry), account(2 + i % SEALERS), data, true);
            _note(id, added[0]);
        }
    }

    function register(uint256 seed) external seeded(seed) {
        uint256 first = _pick(HANDLES);
        bytes32 id = _issuerOf(first);
        address who = _operatorOrAny(id);
        ISeals.NewSeal[] memory added = new ISeals.NewSeal[](1 + _pick(2));
        bool allowed = isOperator[id][who];
        for (uint256 i = 0; i < added.length; ++i) {
            uint256 index = (first + SEALERS * i) % HANDLES;
            added[i] = _newSeal(index);
            allowed = allowed && _seals[handle(index)].registeredAt == 0 && isCompany(added[i].subject)
                && added[i].volumeRoot != 0 && added[i].depth >= 4 && added[i].depth <= 24;
        }
        bytes memory data = abi.encodeCall(registry.registerSeals, (id, added));
        if (_try(address(registry), who, data, allowed)) {
            for (uint256 i = 0; i < added.length; ++i) {
                _note(id, added[i]);
            }
        }
        _ask();
    }

    /// The issuer's and the regulators' stops, each by anybody; mostly what the flag allows.
    function stopOrResume(uint256 seed) external seeded(seed) {
        (bytes32 name, address who, IStatuses.Reason reason) = _change();
        Seal storage seal = _seals[name];
        uint8 flag = _flagOf(seal, who);
        bool stops = (seal.flags & flag == 0) == (_pick(6) != 0);
        bool allowed = flag != 0 && !seal.revoked && (seal.flags & flag == 0) == stops;
        bytes memory data =
            stops ? abi.encodeCall(registry.suspend, (name, reason)) : abi.encodeCall(registry.resume, (name, reason));
        if (_try(address(registry), who, data, allowed)) _flags(seal, seal.flags ^ flag, reason);
        _ask();
    }

    /// Mostly without a reason, which must fail: else no seal is left that could change.
    function revoke(uint256 seed) external seeded(seed) {
        (bytes32 name, address who, IStatuses.Reason reason) = _change();
        if (_pick(16) != 0) reason = IStatuses.Reason.None;
        Seal storage seal = _seals[name];
        bool allowed = _flagOf(seal, who) != 0 && !seal.revoked && reason != IStatuses.Reason.None;
        bytes memory data = abi.encodeCall(registry.revoke, (name, reason));
        if (_try(address(registry), who, data, allowed)) {
            (seal.revoked, seal.reason, seal.since) = (true, reason, uint64(block.timestamp));
        }
        _ask();
    }

    /// The owner's stop and its end, with the right code, one that was spent, one out of turn or another seal's.
    function ownerActs(uint256 seed) external seeded(seed) {
        bytes32 name = handle(_pick(HANDLES));
        Seal storage seal = _seals[name];
        bool stops = _pick(4) == 0 ? seal.flags & OWNER != 0 : seal.flags & OWNER == 0;
        (bytes32 code, bool right) = _codeOf(name);
        bool allowed = right && !seal.revoked && (seal.flags & OWNER == 0) == stops;
        bytes memory data = stops
            ? abi.encodeCall(registry.stopByOwner, (name, code))
            : abi.encodeCall(registry.resumeByOwner, (name, code));
        if (_try(address(registry), _account(), data, allowed)) {
            ++seal.spent;
            _flags(seal, seal.flags ^ OWNER, stops ? IStatuses.Reason.OwnerStop : IStatuses.Reason.None);
        }
        _ask();
    }

    /// The first chain, by an operator; never over another.
    function setStop(uint256 seed) external seeded(seed) {
        bytes32 name = handle(_pick(HANDLES));
        Seal storage seal = _seals[name];
        address who = _operatorOrAny(seal.issuer);
        bool allowed = seal.registeredAt != 0 && !seal.revoked && seal.chain == 0 && isOperator[seal.issuer][who];
        bytes memory data = abi.encodeCall(registry.setStop, (name, link(name, 1, CODES)));
        if (_try(address(registry), who, data, allowed)) seal.chain = 1;
    }

    function announceStop(uint256 seed) external seeded(seed) {
        bytes32 name = handle(_pick(HANDLES));
        Seal storage seal = _seals[name];
        (bytes32 code,) = _codeOf(name);
        if (_pick(2) == 0 && seal.spent < CODES) code = link(name, seal.chain, CODES - seal.spent - 1);
        bytes32 commitment = sha256(abi.encodePacked(name, code, link(name, seal.chain + 1, CODES)));
        bool allowed = seal.registeredAt != 0 && !seal.revoked;
        bytes memory data = abi.encodeCall(registry.announceStop, (name, commitment));
        if (_try(address(registry), _account(), data, allowed) && _announced[commitment] == 0) {
            _announced[commitment] = block.timestamp;
        }
    }

    /// Also by a thief who has seen the code, and announces an end of his own on the spot.
    function replaceStop(uint256 seed) external seeded(seed) {
        bytes32 name = handle(_pick(HANDLES));
        Seal storage seal = _seals[name];
        (bytes32 code, bool right) = _codeOf(name);
        bytes32 newEnd = link(name, seal.chain + 1, CODES);
        if (_pick(3) == 0) {
            newEnd = keccak256(abi.encode("a thief's end", block.timestamp));
            bytes memory announcing =
                abi.encodeCall(registry.announceStop, (name, sha256(abi.encodePacked(name, code, newEnd))));
            _try(address(registry), _account(), announcing, seal.registeredAt != 0 && !seal.revoked);
        }
        uint256 announcedAt = _announced[sha256(abi.encodePacked(name, code, newEnd))];
        bool allowed = right && !seal.revoked && announcedAt != 0 && block.timestamp >= announcedAt + DELAY;
        bytes memory data = abi.encodeCall(registry.replaceStop, (name, code, newEnd));
        if (_try(address(registry), _account(), data, allowed)) (seal.chain, seal.spent) = (seal.chain + 1, 0);
    }

    /// The next volume, one that is open already, or one too far.
    function openVolumes(uint256 seed) external seeded(seed) {
        IVolumes.NewVolume[] memory volumes = new IVolumes.NewVolume[](1 + _pick(2));
        Seal storage first = _seals[handle(_pick(HANDLES))];
        address who = _operatorOrAny(first.issuer);
        uint256[HANDLES] memory opened;
        bool allowed = true;
        for (uint256 i = 0; i < volumes.length; ++i) {
            uint256 index = _pick(HANDLES);
            Seal storage seal = _seals[handle(index)];
            uint256 next = seal.volumeRoots.length + opened[index]++;
            volumes[i] = IVolumes.NewVolume(handle(index), uint32(next), keccak256(abi.encode(seed, i)));
            if (_pick(4) == 0) volumes[i].number = uint32(_pick(next + 3));
            if (_pick(8) == 0) volumes[i].root = 0;
            allowed = allowed && seal.registeredAt != 0 && !seal.revoked && isOperator[seal.issuer][who]
                && volumes[i].number == next && volumes[i].root != 0;
        }
        if (!_try(address(registry), who, abi.encodeCall(registry.openVolumes, (volumes)), allowed)) return;
        for (uint256 i = 0; i < volumes.length; ++i) {
            _seals[volumes[i].handle].volumeRoots.push(volumes[i].root);
        }
    }

    /// Every certificate is registered by two issuers: neither stands in the way of the other.
    function handle(uint256 index) public pure returns (bytes32) {
        return Naming.handle(_issuerOf(index), _certificate(index));
    }

    function sealOf(bytes32 name) external view returns (Seal memory) {
        return _seals[name];
    }

    function answers() external view returns (Answer[] memory) {
        return _answers;
    }

    function answerDigest(bytes32 name, uint64 time) public view returns (bytes32) {
        (IStatuses.Status status, IStatuses.Reason reason, uint64 since, uint8 flags) = registry.statusAt(name, time);
        return keccak256(abi.encode(status, reason, since, flags));
    }

    /// @dev What the registry must hold as the end of a seal's chain.
    function endOf(bytes32 name) external view returns (bytes32) {
        Seal storage seal = _seals[name];
        return seal.chain == 0 ? bytes32(0) : link(name, seal.chain, CODES - seal.spent);
    }

    /// @dev A chain's secret, hashed so many times.
    function link(bytes32 name, uint256 chain, uint256 times) public view returns (bytes32 hash) {
        hash = keccak256(abi.encode("secret", name, chain));
        for (uint256 i = 0; i < times; ++i) {
            hash = sha256(abi.encodePacked(block.chainid, address(registry), name, hash));
        }
    }

    /// @dev Also while seals only grow older.
    function _afterTime() internal override {
        _ask();
    }

    function _issuerOf(uint256 index) private pure returns (bytes32) {
        return issuer(index % SEALERS);
    }

    function _certificate(uint256 index) private pure returns (bytes32) {
        return keccak256(abi.encode("certificate", index / SEALERS));
    }

    function _newSeal(uint256 index) private returns (ISeals.NewSeal memory added) {
        bytes32 name = handle(index);
        (added.certificate, added.subject) = (_certificate(index), _companyOrAny());
        (added.notBefore, added.notAfter) = _validity();
        added.depth = _pick(8) == 0 ? uint8(_pick(256)) : 10;
        added.volumeRoot = _pick(8) == 0 ? bytes32(0) : keccak256(abi.encode("volume", name));
        if (_pick(2) == 0) added.stopHash = link(name, 1, CODES);
    }

    function _note(bytes32 id, ISeals.NewSeal memory added) private {
        Seal storage seal = _seals[Naming.handle(id, added.certificate)];
        (seal.issuer, seal.subject) = (id, added.subject);
        (seal.notBefore, seal.notAfter) = (added.notBefore, added.notAfter);
        (seal.registeredAt, seal.since) = (uint64(block.timestamp), uint64(block.timestamp));
        seal.volumeRoots.push(added.volumeRoot);
        seal.chain = added.stopHash == 0 ? 0 : 1;
    }

    /// @dev A change of flags begins another status only if it is another one.
    function _flags(Seal storage seal, uint8 flags, IStatuses.Reason reason) private {
        if ((flags == 0) != (seal.flags == 0)) (seal.since, seal.reason) = (uint64(block.timestamp), reason);
        seal.flags = flags;
    }

    /// @dev A code to be shown, and whether it is the next one.
    function _codeOf(bytes32 name) private returns (bytes32 code, bool right) {
        Seal storage seal = _seals[name];
        uint256 kind = _pick(6);
        bool any = seal.chain != 0 && seal.spent < CODES;
        if (kind == 0) {
            code = keccak256(abi.encode("a guess", block.timestamp));
        } else if (kind == 1) {
            code = link(name, seal.chain, CODES - seal.spent);
        } else if (kind == 2) {
            code = link(handle(_pick(HANDLES)), 7, 1);
        } else if (any && kind == 3) {
            code = seal.spent + 2 > CODES ? bytes32(0) : link(name, seal.chain, CODES - seal.spent - 2);
        } else if (any) {
            (code, right) = (link(name, seal.chain, CODES - seal.spent - 1), true);
        }
    }

    /// @dev Notes what the registry says of a seal at some moment before this second.
    function _ask() private {
        bytes32 name = handle(_pick(HANDLES));
        uint64 past = uint64(block.timestamp - 1 - _pick(_pick(2) == 0 ? 10 : 3 days));
        _answers.push(Answer(name, past, answerDigest(name, past)));
    }

    function _change() private returns (bytes32 name, address who, IStatuses.Reason reason) {
        name = handle(_pick(HANDLES));
        who = _pick(3) == 0 ? account(1) : _operatorOrAny(_seals[name].issuer);
        reason = IStatuses.Reason(_pick(REASONS));
    }

    /// @dev As what somebody may stop a seal; zero: not at all.
    function _flagOf(Seal storage seal, address who) private view returns (uint8) {
        if (seal.registeredAt == 0) return 0;
        if (isRegulator[who]) return REGULATOR;
        return isOperator[seal.issuer][who] ? ISSUER : 0;
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
