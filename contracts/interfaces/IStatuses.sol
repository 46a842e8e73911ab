// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What became of each seal
/// @notice Three parties can stop a seal, and each lifts its own stop only: the seal's owner (1), its issuer (2) and
/// the regulators (4). A seal is active if none of these flags is set. Revocation is final.
interface IStatuses {
    /// @notice A seal's status at a moment. The numbers never change their meaning.
    enum Status {
        Unknown,
        Active,
        Suspended,
        Revoked,
        NotYetValid,
        Expired,
        IssuerRetired
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
        ByOrder,
        OwnerStop
    }

    /// @notice A seal was stopped, resumed or revoked.
    /// @param subject its company
    /// @param handle the seal
    /// @param status its status from now on, validity and retirement of its issuer aside
    /// @param reason the reason given for this change
    /// @param flags who stops it from now on
    event SealStatusChanged(bytes32 indexed subject, bytes32 indexed handle, Status status, Reason reason, uint8 flags);

    /// @notice The handle is not on record.
    error UnknownSeal(bytes32 handle);

    /// @notice The account is neither an operator of the seal's issuer nor a regulator.
    error NotOperatorOrRegulator(bytes32 issuer, address account);

    /// @notice The seal is stopped already by this party.
    error AlreadyStopped(bytes32 handle, uint8 flag);

    /// @notice The seal is not stopped by this party, whose stop alone it could lift.
    error NotStopped(bytes32 handle, uint8 flag);

    /// @notice The seal is revoked, which is final.
    error SealIsRevoked(bytes32 handle);

    /// @notice A revocation must say why.
    error ReasonRequired();

    /// @notice Sets the issuer's or the regulators' stop. For an operator of the seal's issuer or a regulator; who is
    /// both acts as a regulator.
    function suspend(bytes32 handle, Reason reason) external;

    /// @notice Lifts the issuer's or the regulators' stop. For an operator of the seal's issuer or a regulator; who is
    /// both acts as a regulator.
    function resume(bytes32 handle, Reason reason) external;

    /// @notice Revokes a seal, finally. For an operator of its issuer or a regulator.
    /// @param handle the seal
    /// @param reason why; not `None`
    function revoke(bytes32 handle, Reason reason) external;

    /// @notice A seal's status at a moment.
    /// @dev Unknown before registration. Revoked outranks IssuerRetired, which outranks NotYetValid and Expired, which
    /// outrank Suspended. Of several changes in one second the last one counts for that second. The answer for a time
    /// after the newest block may still change.
    /// @param handle the seal
    /// @param time the moment
    /// @return status the status then
    /// @return reason the reason given for it when it began; None for Unknown, IssuerRetired, NotYetValid and Expired
    /// @return since the second from which the seal had this status; zero for Unknown
    /// @return flags who stopped the seal then: 1 its owner, 2 its issuer, 4 a regulator
    function statusAt(bytes32 handle, uint64 time)
        external
        view
        returns (Status status, Reason reason, uint64 since, uint8 flags);
}
