// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Who issues seals, and what became of each seal
/// @notice A seal is named by its handle: SHA-256 of its certificate's DER. Whoever holds a sealed document can compute
/// it; nobody can turn it back into a company. Nothing else about a seal or its company is stored.
/// @dev All times are Unix seconds; recorded times are block timestamps. Handles are first come, first served among the
/// issuers the admin has admitted: an issuer that registers a handle of somebody else's shows in `SealRegistered`, and
/// the admin can retire it.
interface ISealRegistry {
    /// @notice A seal's status at a moment. The numbers never change their meaning.
    enum Status {
        Unknown,
        Active,
        Suspended,
        Revoked,
        NotYetValid,
        Expired
    }

    /// @notice Why a status changed. The numbers never change their meaning.
    enum Reason {
        None,
        Rename,
        Dissolution,
        LicenceRevoked,
        Bankruptcy,
        Split,
        Merger,
        KeyCompromise,
        Loss,
        Superseded,
        ByOrder
    }

    /// @notice An issuer may from now on register seals and run logs.
    event IssuerAdmitted(bytes32 indexed issuer);

    /// @notice An issuer may no longer do anything. This is final.
    event IssuerRetired(bytes32 indexed issuer);

    /// @notice An account may act for an issuer.
    event OperatorAdded(bytes32 indexed issuer, address indexed account);

    /// @notice An account may no longer act for an issuer.
    event OperatorRemoved(bytes32 indexed issuer, address indexed account);

    /// @notice A seal is on record, and active within its validity.
    event SealRegistered(bytes32 indexed handle, bytes32 indexed issuer, uint64 notBefore, uint64 notAfter);

    /// @notice A seal was suspended, made active again or revoked.
    event SealStatusChanged(bytes32 indexed handle, Status status, Reason reason);

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

    /// @notice The account is neither an operator of the seal's issuer nor a regulator.
    error NotOperatorOrRegulator(bytes32 issuer, address account);

    /// @notice No seals were given.
    error NoSeals();

    /// @notice The arrays describe different numbers of seals.
    error LengthMismatch(uint256 handles, uint256 notBefore, uint256 notAfter);

    /// @notice The seal's validity ends before it begins.
    error InvalidValidity(bytes32 handle, uint64 notBefore, uint64 notAfter);

    /// @notice The handle is on record already.
    error SealAlreadyRegistered(bytes32 handle);

    /// @notice The handle is not on record.
    error UnknownSeal(bytes32 handle);

    /// @notice The seal is suspended already.
    error SealAlreadySuspended(bytes32 handle);

    /// @notice The seal is not suspended.
    error SealNotSuspended(bytes32 handle);

    /// @notice The seal is suspended by a regulator, and only a regulator can resume it.
    error SuspendedByRegulator(bytes32 handle);

    /// @notice The seal is revoked, which is final.
    error SealIsRevoked(bytes32 handle);

    /// @notice A revocation must say why.
    error ReasonRequired();

    /// @notice The role of regulators, who may suspend, resume and revoke every seal. Granted by the default admin.
    function REGULATOR_ROLE() external view returns (bytes32);

    /// @notice Admits an issuer with its first operator. For the default admin.
    /// @param issuer its id, opaque to the contract, not zero
    /// @param operator the account that acts for it
    function admitIssuer(bytes32 issuer, address operator) external;

    /// @notice Ends what an issuer may do, finally. Its seals keep their status; regulators can still change it.
    /// For the default admin.
    function retireIssuer(bytes32 issuer) external;

    /// @notice Lets an account act for an issuer. For the default admin.
    function addOperator(bytes32 issuer, address account) external;

    /// @notice Stops an account acting for an issuer. For the default admin.
    function removeOperator(bytes32 issuer, address account) external;

    /// @notice Whether an account may act for an issuer. False for every account once the issuer is retired.
    function isOperator(bytes32 issuer, address account) external view returns (bool);

    /// @notice The accounts that may act for an issuer. None once it is retired.
    function operatorsOf(bytes32 issuer) external view returns (address[] memory);

    /// @notice Puts seals on record, all or none. For an operator of the issuer.
    /// @param issuer the id of the issuer
    /// @param handles SHA-256 of each certificate's DER
    /// @param notBefore first second of each certificate's validity
    /// @param notAfter last second of each certificate's validity
    function registerSeals(
        bytes32 issuer,
        bytes32[] calldata handles,
        uint64[] calldata notBefore,
        uint64[] calldata notAfter
    ) external;

    /// @notice Suspends a seal. For an operator of its issuer or a regulator. A regulator may also take over a
    /// suspension by the issuer, which the issuer can then no longer lift.
    function suspend(bytes32 handle, Reason reason) external;

    /// @notice Makes a suspended seal active again. For an operator of its issuer or a regulator; only for a regulator
    /// if the suspension is a regulator's.
    function resume(bytes32 handle, Reason reason) external;

    /// @notice Revokes a seal, finally. For an operator of its issuer or a regulator.
    /// @param handle the seal
    /// @param reason why; not `None`
    function revoke(bytes32 handle, Reason reason) external;

    /// @notice A seal's status at a moment.
    /// @dev Unknown before registration. Revoked outranks NotYetValid and Expired, which outrank Suspended. Of several
    /// changes in one second the last one counts for that second. The answer for a time after the newest block may
    /// still change.
    /// @param handle the seal
    /// @param time the moment
    /// @return status the status then
    /// @return reason the reason given for it; None for Unknown, NotYetValid and Expired
    /// @return since the second from which the seal had this status; zero for Unknown
    function statusAt(bytes32 handle, uint64 time) external view returns (Status status, Reason reason, uint64 since);

    /// @notice What was registered about a seal; all zero if the handle is not on record.
    /// @param handle the seal
    /// @return issuer the id of its issuer
    /// @return notBefore first second of its validity
    /// @return notAfter last second of its validity
    /// @return registeredAt timestamp of the block that registered it
    function sealOf(bytes32 handle)
        external
        view
        returns (bytes32 issuer, uint64 notBefore, uint64 notAfter, uint64 registeredAt);
}
