// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    AccessControlDefaultAdminRules
} from "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";

import {IAuthorities} from "./interfaces/IAuthorities.sol";
import {ICompanies} from "./interfaces/ICompanies.sol";
import {IIssuers} from "./interfaces/IIssuers.sol";
import {IOwnerStop} from "./interfaces/IOwnerStop.sol";
import {IRegulators} from "./interfaces/IRegulators.sol";
import {ISealRegistry} from "./interfaces/ISealRegistry.sol";
import {ISeals} from "./interfaces/ISeals.sol";
import {IStatuses} from "./interfaces/IStatuses.sol";
import {IVolumes} from "./interfaces/IVolumes.sol";
import {Seals} from "./registry/Seals.sol";

/// @title SealRegistry
contract SealRegistry is Seals, ISealRegistry {
    /// @param initialDelay seconds before a transfer of the default admin can be accepted
    /// @param admin the default admin, who admits issuers and authorities and names regulators
    constructor(uint48 initialDelay, address admin) AccessControlDefaultAdminRules(initialDelay, admin) {}

    /// @notice ERC-165: also every part of `ISealRegistry`.
    function supportsInterface(bytes4 id) public view override returns (bool) {
        return id == type(IIssuers).interfaceId || id == type(IAuthorities).interfaceId
            || id == type(ICompanies).interfaceId || id == type(ISeals).interfaceId || id == type(IVolumes).interfaceId
            || id == type(IStatuses).interfaceId || id == type(IOwnerStop).interfaceId
            || id == type(IRegulators).interfaceId || super.supportsInterface(id);
    }
}
