package eseal.dss;

import eu.europa.esig.dss.diagnostic.DiagnosticData;
import eu.europa.esig.dss.diagnostic.PDFRevisionWrapper;
import eu.europa.esig.dss.diagnostic.jaxb.XmlObjectModification;
import eu.europa.esig.dss.jaxb.object.Message;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.service.crl.OnlineCRLSource;
import eu.europa.esig.dss.service.http.commons.CommonsDataLoader;
import eu.europa.esig.dss.service.http.commons.OCSPDataLoader;
import eu.europa.esig.dss.service.ocsp.OnlineOCSPSource;
import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CertificateVerifier;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.spi.x509.aia.DefaultAIASource;
import eu.europa.esig.dss.validation.SignedDocumentValidator;
import eu.europa.esig.dss.validation.reports.Reports;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The European Commission's validator, asked for many files in one process.
 *
 * <p>Arguments: certificates to trust (files, DER or PEM). Each line of standard input is one
 * question, its parts separated by tabs: {@code online} or {@code offline} (whether the addresses in
 * certificates may be asked), the signed file, and, beside a detached signature, the file that it
 * signs. Each answer is one line of JSON: what DSS says under its own default policy, nothing softened.
 */
public final class Judge {

    private static final int TIMEOUT_MILLIS = 10_000;

    private Judge() {
    }

    public static void main(String[] trusted) throws IOException {
        PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        CommonTrustedCertificateSource roots = new CommonTrustedCertificateSource();
        for (String file : trusted) {
            roots.addCertificate(DSSUtils.loadCertificate(new File(file)));
        }
        BufferedReader questions =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = questions.readLine(); line != null; line = questions.readLine()) {
            answers.println(Json.write(answer(roots, line.split("\t"))));
        }
    }

    private static Map<String, Object> answer(CommonTrustedCertificateSource roots, String[] asked) {
        Map<String, Object> found = new LinkedHashMap<>();
        found.put("file", asked[1]);
        try {
            SignedDocumentValidator validator =
                    SignedDocumentValidator.fromDocument(new FileDocument(asked[1]));
            validator.setCertificateVerifier(verifier(roots, "online".equals(asked[0])));
            if (asked.length > 2) {
                validator.setDetachedContents(List.of(new FileDocument(asked[2])));
            }
            found.putAll(report(validator.validateDocument()));
        } catch (RuntimeException error) {
            found.put("error", error.toString());
        }
        return found;
    }

    private static CertificateVerifier verifier(
            CommonTrustedCertificateSource roots, boolean online) {
        CommonCertificateVerifier verifier = new CommonCertificateVerifier();
        verifier.setTrustedCertSources(roots);
        verifier.setAIASource(null);
        if (online) {
            CommonsDataLoader loader = bounded(new CommonsDataLoader());
            verifier.setAIASource(new DefaultAIASource(loader));
            verifier.setCrlSource(new OnlineCRLSource(loader));
            verifier.setOcspSource(new OnlineOCSPSource(bounded(new OCSPDataLoader())));
        }
        return verifier;
    }

    private static CommonsDataLoader bounded(CommonsDataLoader loader) {
        loader.setTimeoutConnection(TIMEOUT_MILLIS);
        loader.setTimeoutSocket(TIMEOUT_MILLIS);
        return loader;
    }

    private static Map<String, Object> report(Reports reports) {
        SimpleReport simple = reports.getSimpleReport();
        DiagnosticData data = reports.getDiagnosticData();
        List<Object> signatures = new ArrayList<>();
        for (String id : simple.getSignatureIdList()) {
            Map<String, Object> one = verdict(simple, id);
            one.put("format", String.valueOf(simple.getSignatureFormat(id)));
            one.put("pdf", revision(data.getSignatureById(id).getPDFRevision()));
            signatures.add(one);
        }
        List<Object> stamps = new ArrayList<>();
        data.getTimestampList().forEach(stamp -> {
            Map<String, Object> one = verdict(simple, stamp.getId());
            one.put("type", String.valueOf(stamp.getType()));
            one.put("pdf", revision(stamp.getPDFRevision()));
            stamps.add(one);
        });
        Map<String, Object> found = new LinkedHashMap<>();
        found.put("container", String.valueOf(simple.getContainerType()));
        found.put("signatures", signatures);
        found.put("time_stamps", stamps);
        return found;
    }

    private static Map<String, Object> verdict(SimpleReport simple, String id) {
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("indication", String.valueOf(simple.getIndication(id)));
        one.put("sub_indication", simple.getSubIndication(id));
        one.put("errors", texts(simple.getAdESValidationErrors(id)));
        one.put("warnings", texts(simple.getAdESValidationWarnings(id)));
        one.put("info", texts(simple.getAdESValidationInfo(id)));
        return one;
    }

    /** What happened to a PDF behind a signature; {@code null} outside of PDFs. */
    private static Map<String, Object> revision(PDFRevisionWrapper revision) {
        if (revision == null) {
            return null;
        }
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("field", revision.getFirstFieldName());
        one.put("doc_mdp", revision.getDocMDPPermissions());
        one.put("field_mdp", revision.getFieldMDP() != null);
        one.put("lock", revision.getSigFieldLock() != null);
        one.put("extension", changes(revision.getPdfExtensionChanges()));
        one.put("form", changes(revision.getPdfSignatureOrFormFillChanges()));
        one.put("annotations", changes(revision.getPdfAnnotationChanges()));
        one.put("undefined", changes(revision.getPdfUndefinedChanges()));
        one.put("fields", revision.getModifiedFieldNames());
        one.put("overlaps", revision.getPdfAnnotationsOverlapConcernedPages());
        one.put("looks", revision.getPdfVisualDifferenceConcernedPages());
        one.put("pages", revision.getPdfPageDifferenceConcernedPages());
        return one;
    }

    private static List<String> changes(Collection<XmlObjectModification> changes) {
        return changes.stream().map(each -> each.getAction() + " " + each.getValue()).toList();
    }

    private static List<String> texts(
            Collection<Message> messages) {
        return messages.stream().map(each -> each.getValue()).toList();
    }
}
