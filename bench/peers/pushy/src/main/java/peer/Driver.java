// SPDX-License-Identifier: MIT
package peer;

import com.eatthepath.pushy.apns.ApnsClient;
import com.eatthepath.pushy.apns.ApnsClientBuilder;
import com.eatthepath.pushy.apns.DeliveryPriority;
import com.eatthepath.pushy.apns.PushType;
import com.eatthepath.pushy.apns.util.SimpleApnsPushNotification;
import io.netty.channel.nio.NioEventLoopGroup;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;

/** A driver for Pushy; see ../README.md for its words and its line. */
public final class Driver {
    private static final int WARM_UP = 10000;
    private static final double TICKS = 100; // in a second, on every Linux that has a JVM
    private static final String MAGIC =
            "{\"mdm\":\"0B3F8A52-6A3E-4C1D-9B7E-51A0C2F4D6E8\"}";

    private final ApnsClient client;
    private final String topic;
    private final AtomicLong ok = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();

    private Driver(ApnsClient client, String topic) {
        this.client = client;
        this.topic = topic;
    }

    /** The bytes between a PEM block's BEGIN and END lines. */
    private static byte[] pemBlock(String pem, String type) {
        String begin = "-----BEGIN " + type + "-----";
        int from = pem.indexOf(begin) + begin.length();
        int to = pem.indexOf("-----END " + type + "-----");
        return Base64.getMimeDecoder().decode(pem.substring(from, to));
    }

    private static ApnsClient connect(String host, int port, Path cert, File ca,
            int connections) throws Exception {
        String pem = Files.readString(cert);
        X509Certificate leaf = (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(pemBlock(pem, "CERTIFICATE")));
        PrivateKey key = KeyFactory.getInstance("RSA")
                .generatePrivate(new PKCS8EncodedKeySpec(pemBlock(pem, "PRIVATE KEY")));
        return new ApnsClientBuilder()
                .setApnsServer(host, port)
                .setClientCredentials(leaf, key, null)
                .setTrustedServerCertificateChain(ca)
                .setConcurrentConnections(connections)
                .setEventLoopGroup(new NioEventLoopGroup(Math.min(connections, 2)))
                .build();
    }

    private void send(int count, int inFlight) throws InterruptedException {
        Semaphore room = new Semaphore(inFlight);
        CountDownLatch all = new CountDownLatch(count);
        Instant expires = Instant.now().plus(Duration.ofDays(7))
                .truncatedTo(ChronoUnit.MINUTES);
        for (int i = 1; i <= count; i++) {
            room.acquire();
            client.sendNotification(new SimpleApnsPushNotification(
                    String.format("%064x", i), topic, MAGIC, expires,
                    DeliveryPriority.IMMEDIATE, PushType.MDM)).whenComplete((answer, cause) -> {
                        if (cause == null && answer.isAccepted()) {
                            ok.incrementAndGet();
                        } else {
                            failed.incrementAndGet();
                        }
                        room.release();
                        all.countDown();
                    });
        }
        all.await();
    }

    /** User and system seconds of the whole process: proc(5), fields 14 and 15. */
    private static double[] cpuSeconds() throws Exception {
        String stat = Files.readString(Path.of("/proc/self/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return new double[] {Long.parseLong(fields[11]) / TICKS, Long.parseLong(fields[12]) / TICKS};
    }

    public static void main(String[] words) throws Exception {
        if (words.length != 8) {
            System.err.println("usage: pushy HOST PORT CERT CA TOPIC NUMBER CONNECTIONS STREAMS");
            System.exit(2);
        }
        int n = Integer.parseInt(words[5]);
        int connections = Integer.parseInt(words[6]);
        int inFlight = connections * Integer.parseInt(words[7]);
        Driver driver = new Driver(connect(words[0], Integer.parseInt(words[1]),
                Path.of(words[2]), new File(words[3]), connections), words[4]);

        driver.send(WARM_UP, inFlight);
        driver.ok.set(0);
        driver.failed.set(0);
        double[] before = cpuSeconds();
        long began = System.nanoTime();
        driver.send(n, inFlight);
        double seconds = (System.nanoTime() - began) / 1e9;
        double[] after = cpuSeconds();
        System.out.printf(Locale.ROOT, "{\"peer\":\"pushy\",\"version\":\"0.15.4\",\"ok\":%d,"
                + "\"failed\":%d,\"seconds\":%.6f,\"user_seconds\":%.6f,\"system_seconds\":%.6f}%n",
                driver.ok.get(), driver.failed.get(), seconds, after[0] - before[0],
                after[1] - before[1]);
        System.exit(0);
    }
}
