// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {UsageLedger} from "../../UsageLedger.sol";
import {ModelTree} from "./ModelTree.sol";
import {Permissions} from "./Permissions.sol";

/// @dev Two logs that grow, whose heads are disowned and whose keys are replaced, and those who would rewrite, shrink or
/// take them over. One limit of the proofs is left out,
/// because no contract can close it: an operator may state another size for an honest root (see `IUsageLedger`).
contract LogActions is Permissions {
    struct Head {
        uint64 epoch;
        uint64 size;
        bytes32 root;
    }

    struct Offer {
        uint64 oldSize;
        uint64 newSize;
        bytes32 root;
        bytes32[] proof;
    }

    uint256 public constant LOGS = 2;
    uint256 private constant MAX_GROWTH = 8;
    uint256 private constant FORGERIES = 9;

    UsageLedger public immutable ledger;
    mapping(uint256 log => ModelTree) public tree;
    /// The heads in force, in order: only an advance adds one, only a disowning takes any away.
    mapping(uint256 log => Head[]) private _heads;
    /// Every head that was ever accepted.
    mapping(uint256 log => Head[]) private _accepted;
    /// The size at which each epoch began.
    mapping(uint256 log => uint64[]) private _bases;
    mapping(uint256 log => uint64[]) private _keySizes;
    mapping(uint256 log => bytes32[]) private _keys;
    mapping(bytes32 issuer => bool) public hasLog;
    /// How many heads of a log were ever accepted when its issuer was retired.
    mapping(uint256 log => uint256) public acceptedAtRetirement;

    constructor() {
        ledger = new UsageLedger(registry);
        for (uint256 log = 0; log < LOGS; ++log) {
            tree[log] = new ModelTree(bytes32(log));
            bytes memory data = abi.encodeCall(ledger.openLog, (issuer(log), _origin(log), bytes32(log + 1)));
            _try(address(ledger), account(2 + log), data, true);
            hasLog[issuer(log)] = true;
            _bases[log].push(0);
            _keySizes[log].push(0);
            _keys[log].push(bytes32(log + 1));
        }
    }

    /// An issuer has one log, whatever its origin and whoever asks.
    function openLog(uint256 seed) external seeded(seed) {
        bytes32 id = _issuer();
        address who = _operatorOrAny(id);
        string memory origin = _pick(2) == 0 ? _origin(_pick(LOGS)) : "log.example/shadow";
        bytes memory data = abi.encodeCall(ledger.openLog, (id, origin, keccak256("a thief's key")));
        if (_try(address(ledger), who, data, isOperator[id][who] && !hasLog[id])) hasLog[id] = true;
    }

    /// Back to a head in force, to nothing, or to what never was one.
    function disown(uint256 seed) external seeded(seed) {
        uint256 log = _pick(LOGS);
        Head[] storage inForce = _heads[log];
        (address who, uint256 count) = (_adminOrAny(), _pick(inForce.length + 1));
        uint64 size = count == 0 ? 0 : inForce[count - 1].size;
        bool allowed = who == admin && count < inForce.length;
        if (_pick(4) == 0) {
            (size, allowed) = (size + 1, allowed && inForce[count].size == size + 1 && count + 1 < inForce.length);
        }
        if (!_try(address(ledger), who, abi.encodeCall(ledger.disown, (logId(log), size)), allowed)) return;
        while (inForce.length != 0 && inForce[inForce.length - 1].size > size) inForce.pop();
        _bases[log].push(size);
        tree[log].fork(size);
    }

    /// A new key, or one that was used before.
    function succeed(uint256 seed) external seeded(seed) {
        (uint256 log, address who) = (_pick(LOGS), _adminOrAny());
        bytes32[] storage keys = _keys[log];
        bool fresh = _pick(2) == 0;
        bytes32 key = fresh ? keccak256(abi.encode("key", log, keys.length)) : keys[_pick(keys.length)];
        bytes memory data = abi.encodeCall(ledger.succeed, (logId(log), key));
        if (!_try(address(ledger), who, data, who == admin && fresh)) return;
        keys.push(key);
        _keySizes[log].push(_size(log));
    }

    function advance(uint256 seed) external seeded(seed) {
        uint256 log = _pick(LOGS);
        _offer(log, _honest(log), true);
    }

    function forge(uint256 seed) external seeded(seed) {
        uint256 log = _pick(LOGS);
        Offer memory offer = _honest(log);
        if (offer.oldSize == 0) {
            // Nothing is accepted yet that could be rewritten: a proof of nothing, or a head of nothing.
            if (_pick(2) == 0) offer.proof = tree[log].consistency(1, offer.newSize + 1);
            else offer.newSize = 0;
        } else {
            _spoil(offer, log, _pick(FORGERIES));
        }
        _offer(log, offer, false);
    }

    function logId(uint256 log) public pure returns (bytes32) {
        return sha256(abi.encodePacked(issuer(log), _origin(log)));
    }

    function accepted(uint256 log) external view returns (Head[] memory) {
        return _accepted[log];
    }

    function bases(uint256 log) external view returns (uint64[] memory) {
        return _bases[log];
    }

    function keysOf(uint256 log) external view returns (uint64[] memory, bytes32[] memory) {
        return (_keySizes[log], _keys[log]);
    }

    function heads(uint256 log) external view returns (Head[] memory) {
        return _heads[log];
    }

    function _afterRetirement(bytes32 id) internal override {
        for (uint256 log = 0; log < LOGS; ++log) {
            if (issuer(log) == id) acceptedAtRetirement[log] = _accepted[log].length;
        }
    }

    function _offer(uint256 log, Offer memory offer, bool honest) private {
        bytes32 id = issuer(log);
        address who = _operatorOrAny(id);
        bytes memory data =
            abi.encodeCall(ledger.advance, (logId(log), offer.oldSize, offer.newSize, offer.root, offer.proof));
        if (!_try(address(ledger), who, data, honest && isOperator[id][who])) return;
        Head memory next = Head(uint64(_bases[log].length - 1), offer.newSize, offer.root);
        _heads[log].push(next);
        _accepted[log].push(next);
    }

    function _size(uint256 log) private view returns (uint64) {
        Head[] storage inForce = _heads[log];
        return inForce.length == 0 ? 0 : inForce[inForce.length - 1].size;
    }

    function _honest(uint256 log) private returns (Offer memory offer) {
        offer.oldSize = _size(log);
        offer.newSize = offer.oldSize + uint64(1 + _pick(MAX_GROWTH));
        _prove(offer, tree[log]);
    }

    /// @dev Turns an honest offer into one that must be refused.
    function _spoil(Offer memory offer, uint256 log, uint256 kind) private {
        uint64 size = offer.oldSize;
        if (kind == 0) {
            offer.root = sha256(abi.encode(offer.root));
        } else if (kind == 1) {
            _rewritePast(offer, tree[log]);
        } else if (kind == 2) {
            // Shrink, with the proof that is honest the other way round.
            offer.newSize = uint64(_pick(size));
            offer.root = tree[log].root(offer.newSize);
        } else if (kind == 3) {
            (offer.newSize, offer.root) = (size, sha256("the same size, other leaves"));
        } else if (kind == 4) {
            // Start anew with other leaves, as if nothing had been accepted.
            (offer.oldSize, offer.root, offer.proof) = (0, sha256("another log"), new bytes32[](0));
        } else if (kind == 5) {
            // Extend an older head than the newest, maybe to less than the newest.
            Head memory older = _heads[log][_pick(_heads[log].length)];
            offer.oldSize = older.size == size ? 0 : older.size;
            offer.newSize = offer.oldSize + uint64(1 + _pick(MAX_GROWTH));
            _prove(offer, tree[log]);
        } else if (kind == 6) {
            _prove(offer, tree[(log + 1) % LOGS]);
        } else if (kind == 7) {
            offer.root = 0;
        } else {
            uint256 place = _pick(offer.proof.length);
            offer.proof[place] = offer.proof[place] ^ bytes32(uint256(1) << _pick(256));
        }
    }

    /// @dev A consistent history, but of a log one of whose accepted leaves was rewritten.
    function _rewritePast(Offer memory offer, ModelTree leaves) private {
        leaves.rewrite(_pick(offer.oldSize));
        _prove(offer, leaves);
        leaves.restore();
    }

    function _prove(Offer memory offer, ModelTree leaves) private view {
        offer.root = leaves.root(offer.newSize);
        offer.proof = offer.oldSize == 0 ? new bytes32[](0) : leaves.consistency(offer.oldSize, offer.newSize);
    }

    function _origin(uint256 log) private pure returns (string memory) {
        return log == 0 ? "log.example/first" : "log.example/second";
    }
}
