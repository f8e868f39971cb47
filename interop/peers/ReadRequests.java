// Reads certificate requests as keytool -printcertreq does, all in one process: for each file one line, `accepted` or the
// exception. Run with --add-exports java.base/sun.security.pkcs10=ALL-UNNAMED.

import java.nio.file.Files;
import java.nio.file.Path;
import sun.security.pkcs10.PKCS10;

public class ReadRequests {
    public static void main(String[] files) throws Exception {
        for (String file : files) {
            try {
                // It parses, and verifies the signature.
                new PKCS10(Files.readAllBytes(Path.of(file)));
                System.out.println("accepted");
            } catch (Exception error) {
                System.out.println(error.toString().lines().findFirst().get());
            }
        }
    }
}
