// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Who regulates
interface IRegulators {
    /// @notice The role of regulators, who may stop, resume and revoke every seal and change a company's founders.
    /// Granted by the default admin.
    function REGULATOR_ROLE() external view returns (bytes32);
}
