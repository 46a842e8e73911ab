// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev The least that can stand for a multisig wallet in tests: a call is made once two of three owners want it. No
/// funds, no replacement of owners; in production take one that was audited.
contract TwoOfThree {
    error NotOwner(address account);
    error CallFailed(bytes reason);

    uint256 private constant NEEDED = 2;
    mapping(address account => bool) private _owners;
    mapping(bytes32 call => mapping(address owner => bool)) private _wants;
    mapping(bytes32 call => uint256) private _wanted;

    constructor(address[3] memory owners) {
        for (uint256 i = 0; i < owners.length; ++i) {
            _owners[owners[i]] = true;
        }
    }

    /// @dev The same call again needs another `salt`.
    function confirm(address to, bytes calldata data, uint256 salt) external {
        if (!_owners[msg.sender]) revert NotOwner(msg.sender);
        bytes32 call = keccak256(abi.encode(to, data, salt));
        if (_wants[call][msg.sender]) return;
        _wants[call][msg.sender] = true;
        if (++_wanted[call] != NEEDED) return;
        (bool done, bytes memory reason) = to.call(data);
        if (!done) revert CallFailed(reason);
    }
}
