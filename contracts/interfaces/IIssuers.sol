// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Period} from "../lib/Periods.sol";

/// @title Who issues seals, by which accounts and under which root certificates
/// @notice The default admin admits issuers and says which root certificates each one's seals must lead to.
interface IIssuers {
    /// @notice An issuer may from now on register seals and run its log.
    event IssuerAdmitted(bytes32 indexed issuer);

    /// @notice An issuer may no longer do anything. This is final.
    event IssuerRetired(bytes32 indexed issuer);

    /// @notice An account may act for an issuer.
    event OperatorAdded(bytes32 indexed issuer, address indexed account);

    /// @notice An account may no longer act for an issuer.
    event OperatorRemoved(bytes32 indexed issuer, address indexed account);

    /// @notice Certificates of an issuer may lead to this root.
    event RootAdded(bytes32 indexed issuer, bytes32 rootHash);

    /// @notice New certificates of an issuer may no longer lead to this root. This is final.
    event RootEnded(bytes32 indexed issuer, bytes32 rootHash);

    /// @notice The issuer id is zero, which stands for "no issuer".
    error ZeroIssuer();

    /// @notice The operator's address is zero.
    error ZeroOperator();

    /// @notice The issuer was admitted before; a retired issuer's id is never used again.
    error IssuerAlreadyAdmitted(bytes32 issuer);

    /// @notice The issuer was never admitted, or is retired.
    error IssuerNotAdmitted(bytes32 issuer);

    /// @notice The account is an operator of the issuer already.
    error AlreadyOperator(bytes32 issuer, address account);

    /// @notice The issuer has 64 operators already.
    error TooManyOperators(bytes32 issuer);

    /// @notice The account is not an operator of the issuer, or the issuer is retired.
    error NotOperator(bytes32 issuer, address account);

    /// @notice The issuer has or had this root already; one that ended never begins again.
    error RootAlreadyAdded(bytes32 issuer, bytes32 rootHash);

    /// @notice The issuer never had this root, or it has ended.
    error RootNotInForce(bytes32 issuer, bytes32 rootHash);

    /// @notice Admits an issuer with its first operator. For the default admin.
    /// @param issuer its id, opaque to the contract, not zero
    /// @param operator the account that acts for it
    function admitIssuer(bytes32 issuer, address operator) external;

    /// @notice Ends what an issuer may do, finally. From this second on none of its seals is active; regulators can
    /// still revoke them. For the default admin.
    function retireIssuer(bytes32 issuer) external;

    /// @notice Lets an account act for an issuer. For the default admin.
    function addOperator(bytes32 issuer, address account) external;

    /// @notice Stops an account acting for an issuer. For the default admin.
    function removeOperator(bytes32 issuer, address account) external;

    /// @notice Adds a root certificate. For the default admin.
    /// @param issuer the issuer, admitted
    /// @param rootHash SHA-256 of the root certificate's DER
    function addRoot(bytes32 issuer, bytes32 rootHash) external;

    /// @notice Ends a root certificate, finally. For the default admin, also for a retired issuer.
    function endRoot(bytes32 issuer, bytes32 rootHash) external;

    /// @notice Since when an issuer is admitted, and since when retired: block timestamps, zero if not.
    function issuerOf(bytes32 issuer) external view returns (uint64 admittedAt, uint64 retiredAt);

    /// @notice Whether an account may act for an issuer. False for every account once the issuer is retired.
    function isOperator(bytes32 issuer, address account) external view returns (bool);

    /// @notice The accounts that may act for an issuer. None once it is retired.
    function operatorsOf(bytes32 issuer) external view returns (address[] memory);

    /// @notice When a root is in force for an issuer; all zero if it never had it.
    function rootPeriod(bytes32 issuer, bytes32 rootHash) external view returns (Period memory);

    /// @notice Every root an issuer ever had, ended ones included, in the order in which they were added.
    function rootsOf(bytes32 issuer) external view returns (bytes32[] memory);
}
