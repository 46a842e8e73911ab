// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    AccessControlDefaultAdminRules
} from "@openzeppelin/contracts/access/extensions/AccessControlDefaultAdminRules.sol";

import {IRegulators} from "../interfaces/IRegulators.sol";

/// @title Regulators
abstract contract Regulators is AccessControlDefaultAdminRules, IRegulators {
    /// @inheritdoc IRegulators
    bytes32 public constant REGULATOR_ROLE = keccak256("REGULATOR_ROLE");
}
