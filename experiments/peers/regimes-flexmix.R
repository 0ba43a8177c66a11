# The peer "flexmix" of `bench regimes`: mixtures of regressions in R whose shares depend on x.
# The protocol and the terms are those of regimes-peers.py.

answers <- stdout()
say <- function(document) {
  cat(jsonlite::toJSON(document, auto_unbox = TRUE, digits = NA), "\n", sep = "", file = answers)
  flush(answers)
}

cubic_features <- 3
restarts <- 10

# All products of up to three features where they are few.
terms_of <- function(X) {
  if (ncol(X) > cubic_features) return(X)
  if (ncol(X) == 1) return(cbind(X, X^2, X^3))
  powers <- expand.grid(rep(list(0:3), ncol(X)))
  powers <- as.matrix(powers[rowSums(powers) >= 1 & rowSums(powers) <= 3, ])
  apply(powers, 1, function(power) apply(t(X)^power, 2, prod))
}

# Shares by a softmax of the same terms, which can bend a boundary.
solve_request <- function(request) {
  set.seed(request$seed)
  rows <- list(y = request$y, terms = terms_of(request$X))
  asked <- terms_of(request$testX)
  fits <- flexmix::initFlexmix(
    y ~ terms, data = rows, k = request$nRegimes, nrep = restarts, verbose = FALSE,
    concomitant = flexmix::FLXPmultinom(~terms), control = list(minprior = 0, iter.max = 500)
  )
  fit <- if (methods::is(fits, "stepFlexmix")) flexmix::getModel(fits, "BIC") else fits
  shares <- cbind(1, asked) %*% fit@concomitant@coef
  labels <- max.col(shares, ties.method = "first")
  means <- sapply(fit@components, function(component) component[[1]]@predict(cbind(1, asked)))
  list(labels = I(labels - 1), predictions = I(means[cbind(seq_along(labels), labels)]))
}

answer <- function(request) {
  before <- sum(proc.time()[1:2])
  tryCatch(
    c(solve_request(request), cpuMs = 1000 * (sum(proc.time()[1:2]) - before)),
    error = function(e) list(failed = conditionMessage(e))
  )
}

main <- function() {
  input <- file("stdin", open = "r")
  readLines(input, n = 1)
  for (package in c("flexmix", "jsonlite")) {
    if (!requireNamespace(package, quietly = TRUE)) {
      cat(sprintf('{"unavailable": "the R package %s is not installed"}\n', package))
      return(invisible())
    }
  }
  suppressMessages(library(flexmix))
  say(list(versions = list(R = as.character(getRversion()),
                           flexmix = as.character(packageVersion("flexmix")))))
  while (length(line <- readLines(input, n = 1)) > 0) say(answer(jsonlite::fromJSON(line)))
}

main()
