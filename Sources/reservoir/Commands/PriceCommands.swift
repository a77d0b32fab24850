import API
import Domain
import Engine
import JSON
import Terminal

extension ReservoirProgram {
  var prices: Command {
    Command(
      "prices", "Which tier a price at the payment provider is for.",
      subcommands: [listPrices, setPrice, removePrice])
  }

  private static let tier = Positional.required("tier", "A tier's name, such as velocity.")
  private static let price = Positional.required(
    "price", "A price's id or lookup key at Stripe, such as price_1Mow or velocity_monthly.")

  private var listPrices: Command {
    command(
      "list", "Lists the prices of a tier.", positionals: [Self.tier],
      examples: [Example("reservoir payments prices list velocity", "What velocity is sold as.")]
    ) { context in
      let tier = try context.tier()
      return try await context.withServices { services in
        guard let prices = try await services.payments.prices(of: tier)
        else { throw CommandFailure("there is no such tier") }
        context.print(
          prices.map { TierPriceAnswer(price: $0, tier: tier) }, [.whole("PRICE")], empty: "no prices"
        ) { [$0.price] }
        return .success
      }
    }
  }

  private var setPrice: Command {
    command(
      "set", "Says that a price is for a tier; events that had waited for that are processed at once.",
      positionals: [Self.tier, Self.price],
      examples: [Example("reservoir payments prices set velocity price_1Mow", "Who pays it has velocity.")]
    ) { context in
      let (tier, price) = (try context.tier(), try context.price())
      return try await context.withServices { services in
        guard case .set = try await services.payments.setPrice(price, to: tier)
        else { throw CommandFailure("there is no such tier") }
        context.print("\(price) is for \(tier)") { $0.value(TierPriceAnswer(price: price, tier: tier)) }
        return .success
      }
    }
  }

  private var removePrice: Command {
    command(
      "remove", "Says that a price is for no tier any more.", positionals: [Self.tier, Self.price],
      examples: [Example("reservoir payments prices remove velocity price_1Mow", "It is no longer sold.")]
    ) { context in
      let (tier, price) = (try context.tier(), try context.price())
      return try await context.withServices { services in
        guard try await services.payments.removePrice(price, from: tier)
        else { throw CommandFailure("the tier has no such price") }
        context.print("\(price) is for no tier") { $0.object { $0.field("price", price) } }
        return .success
      }
    }
  }
}

extension CommandContext {
  fileprivate func tier() throws -> PricingTierName {
    guard let tier = PricingTierName(invocation.text("tier")) else {
      throw usage("<tier>: expected a tier's name")
    }
    return tier
  }

  fileprivate func price() throws -> String {
    guard let price = PaymentMessages.reference(invocation.text("price")) else {
      throw usage("<price>: expected 1 to 255 visible ASCII characters")
    }
    return price
  }
}
