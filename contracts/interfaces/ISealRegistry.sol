// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAuthorities} from "./IAuthorities.sol";
import {ICompanies} from "./ICompanies.sol";
import {IIssuers} from "./IIssuers.sol";
import {IOwnerStop} from "./IOwnerStop.sol";
import {IRegulators} from "./IRegulators.sol";
import {ISeals} from "./ISeals.sol";
import {IStatuses} from "./IStatuses.sol";
import {IVolumes} from "./IVolumes.sol";

/// @title Issuers, authorities, companies and their seals
/// @notice Never a name, a registration id or anything of a document: only hashes, pseudonyms and times.
interface ISealRegistry is IRegulators, IAuthorities, ICompanies, IIssuers, IStatuses, IVolumes, IOwnerStop, ISeals {}
