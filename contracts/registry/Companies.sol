// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

import {ICompanies} from "../interfaces/ICompanies.sol";
import {Authorities} from "./Authorities.sol";
import {Regulators} from "./Regulators.sol";

/// @title Companies
abstract contract Companies is Regulators, Authorities, ICompanies {
    /// The EIP-712 domain is computed at each call, not kept: OpenZeppelin's base would keep seven immutables, and then
    /// the code on the ledger could not be compared byte by byte with the artifact.
    bytes32 private constant DOMAIN_TYPE =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    bytes32 private constant DOMAIN_NAME = keccak256("eseal SealRegistry");
    bytes32 private constant DOMAIN_VERSION = keccak256("2");
    bytes32 private constant COMPANY_TYPE =
        keccak256("Company(bytes32 subject,bytes32 vrfKey,bytes32 foundersHash,address foundersAccount)");

    struct Company {
        bytes32 vrfKey;
        bytes32 foundersHash;
        address foundersAccount;
        uint64 registeredAt; // zero: not on record
    }

    mapping(bytes32 subject => Company) private _companies;

    /// @inheritdoc ICompanies
    function registerCompanies(NewCompany[] calldata companies, bytes[] calldata signatures) external {
        if (companies.length == 0) revert NoCompanies();
        if (companies.length != signatures.length) revert SignaturesMismatch(companies.length, signatures.length);
        bytes32 domain = keccak256(abi.encode(DOMAIN_TYPE, DOMAIN_NAME, DOMAIN_VERSION, block.chainid, address(this)));
        for (uint256 i = 0; i < companies.length; ++i) {
            _registerCompany(companies[i], domain, signatures[i]);
        }
    }

    /// @inheritdoc ICompanies
    function changeFounders(bytes32 subject, bytes32 foundersHash, address foundersAccount) external {
        _requireCompany(subject);
        Company storage company = _companies[subject];
        if (msg.sender != company.foundersAccount && !hasRole(REGULATOR_ROLE, msg.sender)) {
            revert NotFoundersOrRegulator(subject, msg.sender);
        }
        (company.foundersHash, company.foundersAccount) = (foundersHash, foundersAccount);
        emit FoundersChanged(subject, foundersHash, foundersAccount);
    }

    /// @inheritdoc ICompanies
    function continueCompany(bytes32 oldSubject, bytes32 newSubject) external {
        _requireAuthority(oldSubject);
        _requireAuthority(newSubject);
        emit CompanyContinued(oldSubject, newSubject);
    }

    /// @inheritdoc ICompanies
    function companyOf(bytes32 subject)
        external
        view
        returns (bytes32 vrfKey, bytes32 foundersHash, address foundersAccount, uint64 registeredAt)
    {
        Company storage company = _companies[subject];
        return (company.vrfKey, company.foundersHash, company.foundersAccount, company.registeredAt);
    }

    function _requireCompany(bytes32 subject) internal view {
        if (_companies[subject].registeredAt == 0) revert UnknownCompany(subject);
    }

    function _registerCompany(NewCompany calldata company, bytes32 domain, bytes calldata signature) private {
        bytes32 subject = sha256(abi.encodePacked(company.vrfKey, company.output));
        if (_companies[subject].registeredAt != 0) revert CompanyAlreadyRegistered(subject);
        _requireKeyInForce(company.vrfKey);
        (, address account) = _authorityOf(company.vrfKey);
        bytes32 content =
            keccak256(abi.encode(COMPANY_TYPE, subject, company.vrfKey, company.foundersHash, company.foundersAccount));
        bytes32 digest = MessageHashUtils.toTypedDataHash(domain, content);
        // Without an account nothing passes: no signature recovers to zero.
        if (!SignatureChecker.isValidSignatureNowCalldata(account, digest, signature)) {
            revert InvalidAuthoritySignature(subject);
        }
        _companies[subject] =
            Company(company.vrfKey, company.foundersHash, company.foundersAccount, uint64(block.timestamp));
        emit CompanyRegistered(subject, company.vrfKey, company.foundersHash, company.foundersAccount);
    }

    function _requireAuthority(bytes32 subject) private view {
        _requireCompany(subject);
        (bytes32 authority, address account) = _authorityOf(_companies[subject].vrfKey);
        if (msg.sender != account) revert NotAuthority(authority, msg.sender);
    }
}
