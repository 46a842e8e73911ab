// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Companies, by their pseudonyms
/// @notice A company is known by its subject alone, SHA-256(key ‖ output of the authority's random function): nobody but
/// its authority can compute it from the registration id, and whoever holds the authority's proof can check it. It is
/// computed here: no authority can take a company that another one names. A company is registered once.
interface ICompanies {
    /// @notice A company to be registered.
    struct NewCompany {
        bytes32 output; // first 32 bytes of the random function's output for its registration id
        bytes32 vrfKey; // the authority's key that named it
        bytes32 foundersHash; // hash of its founders' document; zero: not known to the authority
        address foundersAccount; // may change the founders; zero: only a regulator may
    }

    /// @notice A company is on record.
    event CompanyRegistered(
        bytes32 indexed subject, bytes32 indexed vrfKey, bytes32 foundersHash, address foundersAccount
    );

    /// @notice A company's founders are others from now on.
    event FoundersChanged(bytes32 indexed subject, bytes32 foundersHash, address foundersAccount);

    /// @notice A company goes on under another subject: its authority changed its key, or its id changed.
    event CompanyContinued(bytes32 indexed oldSubject, bytes32 indexed newSubject);

    /// @notice No companies were given.
    error NoCompanies();

    /// @notice There must be one signature for each company.
    error SignaturesMismatch(uint256 companies, uint256 signatures);

    /// @notice The company is on record already.
    error CompanyAlreadyRegistered(bytes32 subject);

    /// @notice The company is not on record.
    error UnknownCompany(bytes32 subject);

    /// @notice The signature is not one of the authority's account over this registration.
    error InvalidAuthoritySignature(bytes32 subject);

    /// @notice The account is not that of the authority that named the company.
    error NotAuthority(bytes32 authority, address account);

    /// @notice The account is neither that of the company's founders nor a regulator.
    error NotFoundersOrRegulator(bytes32 subject, address account);

    /// @notice Puts companies on record, all or none. From any account: each is signed by the account of its key's
    /// authority (EIP-712, domain "eseal SealRegistry" version "2" of this chain and contract, type
    /// `Company(bytes32 subject,bytes32 vrfKey,bytes32 foundersHash,address foundersAccount)`), an ordinary one or a
    /// contract (ERC-1271). The key must be in force.
    /// @param companies the companies
    /// @param signatures of each company in turn
    function registerCompanies(NewCompany[] calldata companies, bytes[] calldata signatures) external;

    /// @notice Changes a company's founders. For the account of its founders or a regulator.
    function changeFounders(bytes32 subject, bytes32 foundersHash, address foundersAccount) external;

    /// @notice Says that a company goes on under another subject; both are on record. Only an event. For the account of
    /// the authority that named them; if there are two, for an account of both.
    function continueCompany(bytes32 oldSubject, bytes32 newSubject) external;

    /// @notice What is on record about a company; all zero if nothing is.
    /// @param subject the company
    /// @return vrfKey the authority's key that named it
    /// @return foundersHash hash of its founders' document; zero: none
    /// @return foundersAccount who may change it; zero: only a regulator
    /// @return registeredAt timestamp of the block that registered it
    function companyOf(bytes32 subject)
        external
        view
        returns (bytes32 vrfKey, bytes32 foundersHash, address foundersAccount, uint64 registeredAt);
}
